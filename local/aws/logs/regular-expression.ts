import { AwsError } from "../error.ts";

/** Errors: what the service's own expressions do not have, parentheses above all. */
export function regularExpression(source: string): RegExp {
  if (!/^[\w#=@/;,:^$?[\]{}|\\*+.-]*$/.test(source))
    throw invalid(`Invalid filter pattern: %${source}% has characters that are not supported`);
  try {
    return new RegExp(source);
  } catch (error) {
    throw invalid(`Invalid filter pattern: ${(error as Error).message}`);
  }
}

export const invalid = (message: string): AwsError => new AwsError("InvalidParameterException", message);
