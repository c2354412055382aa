import { AwsError } from "../aws/error.ts";
import type { InvocationResult } from "../aws/service.ts";
import type { StreamMapping } from "./mapping.ts";

export interface StreamRecord {
  eventID: string;
  eventName: string;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number; [field: string]: unknown };
  [field: string]: unknown;
}

export interface BatchOptions {
  mapping: StreamMapping;
  invoke(payload: object): Promise<InvocationResult>;
  /** Told when records are over, delivered or set aside; the next start goes on after the last of them. */
  done(records: StreamRecord[]): void;
  setAside(records: StreamRecord[], condition: string): void;
  /** Rejects when the system stops. */
  wait(milliseconds: number): Promise<void>;
  now(): number;
}

/**
 * Gives a batch to the function until every record is done, in order: an error halves the batch where the mapping asks
 * for it, a partial failure goes on from the first failed record, and what fails too often or for too long is set aside.
 */
export async function deliverBatch(records: StreamRecord[], options: BatchOptions, tries = 0): Promise<void> {
  if (records.length === 0) return;
  const { mapping } = options;
  const failed = firstFailed(await invokeOrThrottle(records, options), records, mapping);
  options.done(records.slice(0, failed));
  const rest = records.slice(failed);
  if (rest.length === 0) return;
  if (mapping.bisect && rest.length > 1 && rest.length === records.length) {
    const half = Math.ceil(rest.length / 2);
    // Halving counts as no try of its own: each half has those that are left.
    await deliverBatch(rest.slice(0, half), options, tries);
    await deliverBatch(rest.slice(half), options, tries);
    return;
  }
  const condition = exhausted(rest, tries, options);
  if (condition !== null) {
    options.setAside(rest, condition);
    options.done(rest);
    return;
  }
  await options.wait(Math.min(30_000, 200 * 2 ** tries));
  await deliverBatch(rest, options, tries + 1);
}

async function invokeOrThrottle(records: StreamRecord[], { invoke, wait }: BatchOptions): Promise<InvocationResult> {
  for (;;) {
    try {
      return await invoke({ Records: records });
    } catch (error) {
      if (!(error instanceof AwsError && error.status === 429)) throw error;
      await wait(1000);
    }
  }
}

/** Index of the first record that is not done; the number of records when all are. */
function firstFailed({ payload, function_error }: InvocationResult, records: StreamRecord[], { partial_failures }: StreamMapping): number {
  if (function_error !== null) return 0;
  if (!partial_failures || payload === null || payload === undefined) return records.length;
  const failures = (payload as { batchItemFailures?: { itemIdentifier?: string }[] }).batchItemFailures ?? [];
  const places = failures.map(({ itemIdentifier }) => records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier));
  // An identifier that is none of the batch's makes the whole batch a failure, as it does on AWS.
  return Math.max(0, Math.min(records.length, ...places));
}

function exhausted(records: StreamRecord[], tries: number, { mapping, now }: BatchOptions): string | null {
  if (tries >= mapping.retries) return "RetryAttemptsExhausted";
  const age = now() / 1000 - (records[0]?.dynamodb.ApproximateCreationDateTime ?? 0);
  return age > mapping.oldest_seconds ? "RecordAgeExceeded" : null;
}
