import * as z from "zod/mini";
import { suggestion } from "./spelling.ts";

/** Beyond these no nearest field is looked for: such a body was not misspelt by a person. */
const suggested = 20;

/**
 * An object that takes exactly the fields of `shape`. Each unknown field gets one line of the issue's message (parse.ts
 * makes one error of each line), with the known field that was probably meant.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  const line = (key: string, index: number) =>
    `unknown field ${JSON.stringify(key.slice(0, 64))}${index < suggested ? `: ${suggestion(key, known)}` : ""}`;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? issue.keys.map(line).join("\n") : undefined),
  });
}

/** One of a list of words; the error names the nearest one. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, what: string) {
  return z.enum(words, {
    error: (issue) =>
      typeof issue.input === "string" ? `no such ${what}: ${suggestion(issue.input, words)}` : `one of ${words.join(", ")}`,
  });
}

/** null when it is not given. */
export const orNull = <Schema extends z.core.$ZodType>(schema: Schema) => z._default(z.nullable(schema), null);
