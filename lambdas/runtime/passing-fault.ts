import { Problem, WorkflowError } from "../../domain/errors.ts";
import { AwsError, isPassing, isPassingCancellation, isThrottling, NoAnswer } from "./aws-error.ts";

type PassingFault = AwsError | NoAnswer;

/** What a service of AWS did not do for a reason that passes, also after its request was repeated. */
const isPassingFault = (error: unknown): error is PassingFault =>
  error instanceof NoAnswer || (error instanceof AwsError && (isPassing(error) || isPassingCancellation(error)));

/**
 * A step's error under the name that its state machine knows: a passing fault is `ServiceUnavailable`, and tried again;
 * every other error stays what it is.
 */
export function asStepFails(error: unknown): unknown {
  // Lambda passes on a name and a message and nothing else: the reason goes before the message.
  return isPassingFault(error) ? new WorkflowError("ServiceUnavailable", error.name, `${error.name}: ${error.message}`) : error;
}

/** A Task's step, failing by those names. */
export const failingByName = <T>(step: Promise<T>): Promise<T> =>
  step.catch((error: unknown) => {
    throw asStepFails(error);
  });

/** What a caller is told of a passing fault, with what became of the request; undefined for any other error. */
export function asRequestFails(error: unknown, method: string): Problem | undefined {
  if (!isPassingFault(error)) return undefined;
  const [service = "", action = ""] = (error.failed?.asked ?? "").split(".");
  const isRecord = service.startsWith("DynamoDB");
  const who = isRecord ? "the record (DynamoDB)" : "a service of AWS that this needs";
  const isWrite = isRecord && !recordReads.has(action);
  const effect = method === "GET" ? "" : ` ${isWrite ? writeEffect(error) : "The request was not finished."}`;
  return new Problem("service-unavailable", `${who} ${stateOf(error)}.${effect} Try again in a few seconds`);
}

function stateOf(error: PassingFault): string {
  if (error instanceof NoAnswer) return "does not answer";
  return isThrottling(error) || isPassingCancellation(error) ? "has more to do than it can" : "is out of order";
}

const recordReads = new Set(["GetItem", "BatchGetItem", "Query"]);

const writeEffect = ({ failed }: PassingFault): string =>
  failed?.isUnsure === false
    ? "The change was not made."
    : "Whether the change was made is not known: look before you repeat it, or repeat it by the Idempotency-Key that it had, which has one effect.";
