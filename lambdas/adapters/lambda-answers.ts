import { awsClient } from "../runtime/aws-client.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";

/**
 * Asks a function and gives what it answers, in at most `timeoutMilliseconds` each time that it is tried. Errors: it was not
 * reached, or failed, in its own words.
 */
export function lambdaAnswers<Question, Answer>(
  functionName: string,
  surroundings: AwsSurroundings,
  timeoutMilliseconds: number,
): (question: Question) => Promise<Answer> {
  const lambda = awsClient("LAMBDA", surroundings, timeoutMilliseconds);
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const sent = { "content-type": "application/json", "x-amz-invocation-type": "RequestResponse" };
  return async (question) => {
    const { headers, body } = await lambda({ method: "POST", path, headers: sent, body: JSON.stringify(question) });
    if (headers["x-amz-function-error"] === undefined) return JSON.parse(body) as Answer;
    throw new Error(
      `${functionName} failed: ${(JSON.parse(body) as { errorMessage?: string } | null)?.errorMessage ?? "it does not say why"}`,
    );
  };
}
