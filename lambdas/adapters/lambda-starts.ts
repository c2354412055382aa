import { awsClient } from "../runtime/aws-client.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";

const attemptMilliseconds = 3_000;

/** Starts a function and does not wait for it: Lambda answers when it has put the event into the function's queue. */
export function lambdaStarts<Start>(functionName: string, surroundings: AwsSurroundings): (start: Start) => Promise<void> {
  const lambda = awsClient("LAMBDA", surroundings, attemptMilliseconds);
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const headers = { "content-type": "application/json", "x-amz-invocation-type": "Event" };
  return async (start) => {
    await lambda({ method: "POST", path, headers, body: JSON.stringify(start) }).catch((error: Error) => {
      throw new Error(`${functionName} was not started (${error.name}): ${error.message}`);
    });
  };
}
