import * as z from "zod";
import { suggestion } from "./spelling.ts";

/**
 * An object that takes exactly the fields of `shape`. Each unknown field gets one line of the issue's message (parse.ts
 * makes one error of each line), with the known field that was probably meant.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => `unknown field ${JSON.stringify(key)}: ${suggestion(key, known)}`).join("\n")
        : undefined,
  });
}

/** One of a list of words; the error names the nearest one. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, what: string) {
  return z.enum(words, {
    error: (issue) =>
      typeof issue.input === "string" ? `no such ${what}: ${suggestion(issue.input, words)}` : `one of ${words.join(", ")}`,
  });
}
