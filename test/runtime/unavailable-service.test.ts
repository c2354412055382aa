import { describe, expect, it } from "vitest";
import { Problem } from "../../domain/errors.ts";
import { AwsError, type Failed, NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import { httpHandler } from "../../lambdas/runtime/http-handler.ts";
import { send } from "../doubles/http-event.ts";
import { quietLog } from "../doubles/quiet-log.ts";

const log = quietLog();
/** What a caller is answered whose request meets this error. */
const answerTo = (error: unknown, method = "PATCH") =>
  send(httpHandler({ [`${method} /v1/things`]: () => Promise.reject(error) }, log), { route: `${method} /v1/things` });

const action = (name: string, isUnsure: boolean): Failed => ({ asked: `DynamoDB_20120810.${name}`, isUnsure });
const failed = <E extends AwsError | NoAnswer>(error: E, how: Failed): E => Object.assign(error, { failed: how });
const throttled = () => new AwsError("ThrottlingException", "rate exceeded for table slipway-record-XYZ", { status: 400 });
const silent = () => new NoAnswer("POST dynamodb.eu-west-1.amazonaws.com: not answered within 3000 ms", false);
const outOfOrder = () => new AwsError("InternalServerError", "table slipway-record-XYZ", { status: 500 });
const conflicting = () =>
  new AwsError("TransactionCanceledException", "cancelled", { members: { CancellationReasons: [{ Code: "ThrottlingError" }] } });

describe("a record that does not do what a request needs", () => {
  it.each([
    ["throttles", throttled, "has more to do than it can"],
    ["is silent", silent, "does not answer"],
    ["is out of order", outOfOrder, "is out of order"],
  ])("is told as 503 with the time to ask again where it %s, and nothing of our insides", async (_, error, how) => {
    const { status, body, headers } = await answerTo(failed(error(), action("GetItem", true)), "GET");
    expect([status, body.code, headers["retry-after"]]).toEqual([503, "service-unavailable", "5"]);
    expect(body.detail).toBe(`the record (DynamoDB) ${how}. Try again in a few seconds`);
    expect(JSON.stringify(body)).not.toMatch(/slipway-record|amazonaws/);
    expect(log.lines.at(-1)).toMatchObject({ level: "error" });
  });

  it("has not made the change that it refused at every attempt", async () => {
    const { body } = await answerTo(failed(throttled(), action("TransactWriteItems", false)));
    expect(body.detail).toContain("The change was not made.");
    const { body: cancelled } = await answerTo(failed(conflicting(), action("TransactWriteItems", false)));
    expect(cancelled.detail).toContain("The change was not made.");
  });

  it.each([
    ["was not answered", silent()],
    ["was answered by a fault", outOfOrder()],
    ["was refused after an attempt that was not answered", throttled()],
  ])("may have made a change whose write %s", async (_, error) => {
    const { body } = await answerTo(failed(error, action("TransactWriteItems", true)));
    expect(body.detail).toContain("Whether the change was made is not known");
    expect(body.detail).toContain("Idempotency-Key");
  });

  it("leaves a change unfinished that could not be read for", async () => {
    const { body } = await answerTo(failed(silent(), action("Query", true)));
    expect(body.detail).toBe("the record (DynamoDB) does not answer. The request was not finished. Try again in a few seconds");
  });
});

describe("another service", () => {
  it("is not called the record", async () => {
    const { status, body } = await answerTo(failed(throttled(), { asked: "Logs_20140328.StartQuery", isUnsure: false }), "GET");
    expect([status, body.code]).toEqual([503, "service-unavailable"]);
    expect(body.detail).not.toContain("record");
  });

  it("that refuses for good is a defect of ours", async () => {
    expect(await answerTo(new AwsError("AccessDeniedException", "no", { status: 400 }))).toMatchObject({ status: 500 });
  });

  it("and a cluster that does not answer say when to ask again, each in its own time", async () => {
    const wait = async (members: Record<string, unknown>) =>
      (await answerTo(new Problem("cluster-unreachable", "it does not answer", { members }))).headers["retry-after"];
    expect([await wait({}), await wait({ retry_after_seconds: 30 })]).toEqual(["5", "30"]);
  });
});
