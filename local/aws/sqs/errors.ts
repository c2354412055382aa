import { AwsError } from "../error.ts";

export const invalidValue = (message: string): AwsError => new AwsError("InvalidParameterValueException", message);

/** Of one entry of a batch, or of the only one. Errors: out of its bounds. */
export function wholeNumber(value: unknown, name: string, [least, most]: [number, number], usual: number): number {
  const given = value ?? usual;
  if (typeof given === "number" && Number.isInteger(given) && given >= least && given <= most) return given;
  throw invalidValue(`Value ${given} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`);
}

/** How services that spoke Query before name the errors of SQS. */
const byFamily = [
  ...["BatchEntryIdsNotDistinct", "EmptyBatchRequest", "InvalidBatchEntryId", "MessageNotInflight", "TooManyEntriesInBatchRequest"],
  "UnsupportedOperation",
];
export function sqsQueryCode(code: string): string {
  if (code === "QueueDoesNotExist") return "AWS.SimpleQueueService.NonExistentQueue";
  return byFamily.includes(code) ? `AWS.SimpleQueueService.${code}` : code.replace(/Exception$/, "");
}
