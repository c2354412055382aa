import type { Cause } from "../../domain/condition.ts";
import { workflowErrorNames } from "../../domain/errors.ts";
import { heard } from "./task-errors.ts";

/** A state machine's error output. */
export interface Failure {
  Error?: string;
  /** Text; JSON when Lambda or a nested execution wrote it. */
  Cause?: string;
}

const longestMessage = 1000;

/**
 * What went wrong, for a person. A Lambda's error comes as JSON `{errorType, errorMessage}`, a nested execution's as
 * JSON with its own `Error` and `Cause` in it; what Step Functions says itself is plain text.
 */
export function causeOf({ Error: name, Cause: text }: Failure): Cause {
  const document = parsed(text);
  if (document?.ExecutionArn) return causeOf({ Error: document.Error ?? `Execution.${document.Status}`, Cause: document.Cause ?? "" });
  const errorName = document?.errorType ?? name ?? "Unknown";
  const message = document?.errorMessage ?? text ?? "";
  const ours = errorName in workflowErrorNames ? heard(message) : undefined;
  return {
    reason: ours?.reason ?? asReason(errorName),
    message: (ours?.message || message || `the step ended with ${errorName}`).slice(0, longestMessage),
  };
}

interface CauseDocument {
  errorType?: string;
  errorMessage?: string;
  ExecutionArn?: string;
  Status?: string;
  Error?: string;
  Cause?: string;
}

function parsed(text: string | undefined): CauseDocument | undefined {
  if (!text?.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as CauseDocument;
  } catch {
    // Step Functions cuts a cause at 32 KB: what is left is shown as it is.
    return undefined;
  }
}

/** A reason is one CamelCase word: `States.Timeout` and `Lambda.Unknown` lose their dot. */
const asReason = (errorName: string): string => errorName.replaceAll(/[^A-Za-z0-9]/g, "");
