import { describe, expect, it } from "vitest";
import { AwsError } from "../../../local/aws/error.ts";
import type { InvocationResult } from "../../../local/aws/service.ts";
import { deliverBatch, type StreamRecord } from "../../../local/streams/batch.ts";
import type { StreamMapping } from "../../../local/streams/mapping.ts";

const mapping: StreamMapping = {
  ...{ id: "m", stream_arn: "arn:stream", function_name: "PublishEvents", starting_position: "TRIM_HORIZON", batch_size: 100, filters: [] },
  ...{ partial_failures: true, bisect: true, retries: 2, oldest_seconds: Number.POSITIVE_INFINITY, on_failure: "arn:queue" },
};
const record = (sequence: number): StreamRecord => ({
  eventID: `${sequence}`,
  eventName: "INSERT",
  dynamodb: { SequenceNumber: `${sequence}`, ApproximateCreationDateTime: 1000 },
});
const records = (count: number) => Array.from({ length: count }, (_, index) => record(index + 1));
const sequences = (given: StreamRecord[]): string => given.map(({ dynamodb }) => dynamodb.SequenceNumber).join(",");
const failed: InvocationResult = { payload: { errorType: "Error", errorMessage: "no" }, function_error: "Unhandled" };
const answer = (payload: unknown): InvocationResult => ({ payload, function_error: null });

/** Delivers, and tells what the function was given, what was done and what was set aside. */
async function deliver(
  given: StreamRecord[],
  respond: (batch: string) => InvocationResult | Error,
  changes: Partial<StreamMapping> = {},
  now = 1_000_000,
) {
  const seen = { invoked: [] as string[], done: [] as string[], aside: [] as string[], waits: [] as number[] };
  await deliverBatch(given, {
    mapping: { ...mapping, ...changes },
    invoke: async (payload) => {
      const batch = sequences((payload as { Records: StreamRecord[] }).Records);
      seen.invoked.push(batch);
      const response = respond(batch);
      if (response instanceof Error) throw response;
      return response;
    },
    done: (finished) => finished.length > 0 && seen.done.push(sequences(finished)),
    setAside: (left, condition) => seen.aside.push(`${condition} ${sequences(left)}`),
    wait: async (milliseconds) => void seen.waits.push(milliseconds),
    now: () => now,
  });
  return seen;
}

describe("a batch of stream records", () => {
  it("is done when the function says nothing of failures", async () => {
    expect(await deliver(records(3), () => answer({ batchItemFailures: [] }))).toMatchObject({
      invoked: ["1,2,3"],
      done: ["1,2,3"],
      aside: [],
    });
    expect(await deliver(records(3), () => answer(null))).toMatchObject({ done: ["1,2,3"] });
  });

  it("goes on from the first record that failed", async () => {
    let first = true;
    const seen = await deliver(records(4), () => {
      if (!first) return answer(null);
      first = false;
      return answer({ batchItemFailures: [{ itemIdentifier: "3" }] });
    });
    expect(seen).toMatchObject({ invoked: ["1,2,3,4", "3,4"], done: ["1,2", "3,4"], aside: [] });
  });

  it("is halved until the poisonous record is alone, which is set aside after its tries, and nothing else is lost", async () => {
    const seen = await deliver(records(4), (batch) => (batch.split(",").includes("3") ? failed : answer(null)));
    expect(seen.invoked).toEqual(["1,2,3,4", "1,2", "3,4", "3", "3", "3", "4"]);
    expect(seen.aside).toEqual(["RetryAttemptsExhausted 3"]);
    expect(seen.done).toEqual(["1,2", "3", "4"]);
  });

  it("is tried again as a whole where the mapping does not ask for halving", async () => {
    const seen = await deliver(records(2), () => failed, { bisect: false });
    expect(seen.invoked).toEqual(["1,2", "1,2", "1,2"]);
    expect(seen.aside).toEqual(["RetryAttemptsExhausted 1,2"]);
    expect(seen.waits).toEqual([200, 400]);
  });

  it("fails as a whole when the failure named is none of its records", async () => {
    let tries = 0;
    const seen = await deliver(records(1), () => answer(tries++ === 0 ? { batchItemFailures: [{ itemIdentifier: "99" }] } : null));
    expect(seen.invoked).toEqual(["1", "1"]);
  });

  it("is set aside when it is too old, whatever tries are left", async () => {
    const seen = await deliver(records(1), () => failed, { retries: Number.POSITIVE_INFINITY, oldest_seconds: 60 }, 1_061_000);
    expect(seen).toMatchObject({ invoked: ["1"], aside: ["RecordAgeExceeded 1"] });
  });

  it("waits its turn when the function is throttled, which costs no try", async () => {
    let tries = 0;
    const seen = await deliver(records(1), () => (tries++ < 5 ? new AwsError("TooManyRequestsException", "busy", 429) : answer(null)));
    expect(seen).toMatchObject({ aside: [], done: ["1"] });
    expect(seen.invoked).toHaveLength(6);
  });
});
