import { functionArnOf } from "../arn.ts";
import type { Json, JsonObject } from "../definition.ts";
import { StateFailure } from "../errors.ts";
import { refuseLarge } from "../limits.ts";
import type { Visit } from "../visit.ts";
import { refusalCause } from "./service-answer.ts";

/** Invokes a function as the machine's role and gives its payload, or fails by the names Step Functions uses for Lambda. */
export async function invokeFunction(visit: Visit, functionName: string, payload: Json, task: string): Promise<Json> {
  const { host, execution } = visit.run;
  const { invoke, authorize } = host.options;
  try {
    authorize(execution.role_arn, "lambda:InvokeFunction", functionArnOf(functionName, execution.machine_arn));
  } catch (error) {
    throw new StateFailure("Lambda.AWSLambdaException", refusalCause(messageOf(error), "AWSLambda", 403, "AccessDeniedException"));
  }
  const result = await invoke(functionName, payload, execution.role_arn).catch((error) => {
    throw serviceFailure(error);
  });
  const answer = (result.payload ?? null) as Json;
  if (result.function_error !== null) throw functionFailure(answer);
  refuseLarge(answer, task);
  return answer;
}

/** The function ran and failed: its error type is the error's name, its whole payload the cause. */
function functionFailure(payload: Json): StateFailure {
  const text = JSON.stringify(payload);
  const type = isObject(payload) ? payload.errorType : undefined;
  if (typeof type === "string" && type !== "") return new StateFailure(type, text);
  return new StateFailure(
    "Lambda.Unknown",
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  );
}

/** As Lambda answers Invoke; what is not here is its own fault. */
const statusOf: Record<string, number> = {
  ...{
    InvalidParameterValueException: 400,
    InvalidRequestContentException: 400,
    AccessDeniedException: 403,
    ResourceNotFoundException: 404,
  },
  ...{ ResourceConflictException: 409, RequestTooLargeException: 413, TooManyRequestsException: 429 },
};

/** Lambda itself refused: `ResourceNotFoundException` becomes `Lambda.ResourceNotFoundException`. */
function serviceFailure(error: unknown): StateFailure {
  const name = error instanceof Error ? error.name : "";
  const known = /^[A-Z]\w*Exception$/.test(name) && name !== "AccessDeniedException";
  const code = known ? name : "AWSLambdaException";
  return new StateFailure(`Lambda.${code}`, refusalCause(messageOf(error), "AWSLambda", statusOf[name] ?? 500, name || "Unknown"));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const isObject = (value: Json): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
