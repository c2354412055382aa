import { AwsError } from "../../error.ts";

/** `what`: the command or the part of it that is not understood. A wrong answer would be worse than none. */
export const malformed = (what: string, why: string): AwsError =>
  new AwsError("MalformedQueryException", `The local CloudWatch Logs Insights does not understand ${JSON.stringify(what)}: ${why}`);
