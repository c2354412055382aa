import type { Context } from "aws-lambda";
import { eventHandler } from "./event-handler.ts";
import { logger as functionLogger, type Log } from "./logger.ts";

/**
 * A Lambda authorizer of API Gateway. It answers 401 for an error of exactly this message, and 500 for any other: who is
 * turned away is no fault that somebody should look at, and is not logged as one.
 */
export function authorizerHandler<Question>(authorize: (question: Question) => Promise<object | undefined>, log: Log = functionLogger) {
  const handle = eventHandler(authorize, log);
  return async (question: Question, context: Context): Promise<object> => {
    const answer = await handle(question, context);
    if (answer === undefined) throw new Error("Unauthorized");
    return answer;
  };
}
