import type { AwsAnswer, AwsCall, AwsService } from "../aws/service.ts";
import { actions } from "./actions.ts";
import type { Interpreter } from "./interpreter.ts";
import { ServiceError } from "./start-named.ts";

/** AWS JSON 1.0, as `@aws-sdk/client-sfn` speaks it: the action is in `X-Amz-Target`, errors are named by `__type`. */
export function wire(interpreter: Interpreter): AwsService {
  return {
    async handle(call: AwsCall): Promise<AwsAnswer> {
      try {
        const act = Object.hasOwn(actions, call.action ?? "") ? actions[call.action ?? ""] : undefined;
        if (act === undefined)
          throw new ServiceError(
            "UnknownOperationException",
            `${call.action} is not available locally (available: ${Object.keys(actions).join(", ")})`,
          );
        return answer(200, act(interpreter, readBody(call.body)));
      } catch (error) {
        if (error instanceof ServiceError) return answer(400, { __type: error.code, message: error.message });
        throw error;
      }
    },
  };
}

function readBody(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new ServiceError("SerializationException", "The body is no JSON object");
}

const answer = (status: number, body: object): AwsAnswer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0" },
  body,
});
