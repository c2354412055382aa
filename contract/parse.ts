import { en } from "zod/locales";
import * as z from "zod/mini";
import { type InputError, Problem } from "../domain/errors.ts";
import { beyondLimits } from "./json-limits.ts";
import { valueAt } from "./value-at.ts";

/** The words for what no schema of ours has words of its own for. */
z.config(en());

export type Where = "body" | "query" | "path" | "header";

/**
 * What came in, as the schema gives it, or `Problem("invalid-input")` with one error for each thing that is wrong.
 * `path` is dotted for a body and the parameter's name elsewhere; `given` is a short scalar and never a secret.
 */
export function parse<Schema extends z.core.$ZodType>(schema: Schema, value: unknown, where: Where): z.output<Schema> {
  const beyond = beyondLimits(value);
  if (beyond) throw invalidInput(where, [beyond]);
  const result = z.safeParse(schema, value);
  if (!result.success)
    throw invalidInput(
      where,
      result.error.issues.flatMap((issue) => inputErrors(issue, value)),
    );
  return result.data;
}

const shownInDetail = 3;
const mostErrors = 50;

/** The problem for these errors (the first fifty): the detail repeats the first three, so that a log line or a terminal says enough. */
export function invalidInput(where: Where, errors: InputError[]): Problem {
  const lines = errors.slice(0, shownInDetail).map(({ path, message, given }) => {
    const what = given === undefined ? message : `${message} (given ${JSON.stringify(given)})`;
    return path === "" ? what : `${path}: ${what}`;
  });
  const more = errors.length > shownInDetail ? `; and ${errors.length - shownInDetail} more` : "";
  return new Problem("invalid-input", `The ${where} is not valid. ${lines.join("; ")}${more}`, { errors: errors.slice(0, mostErrors) });
}

function inputErrors(issue: z.core.$ZodIssue, root: unknown): InputError[] {
  if (issue.code === "unrecognized_keys") {
    const lines = issue.message.split("\n"); // one for each key: see strict.ts
    // What an unknown field held is not repeated: it may be a secret under a misspelt name.
    return issue.keys.map((key, index) => ({ path: dotted([...issue.path, key]), message: lines[index] ?? issue.message }));
  }
  const value = valueAt(root, issue.path);
  const given = shown(issue.path, value);
  const message = value === undefined ? missing(issue) : issue.message.replace(/^Invalid input: /, "");
  return [{ path: dotted(issue.path), message, ...(given === undefined ? {} : { given }) }];
}

/** zod's own words are "Invalid input: expected string, received undefined": a person wants to hear that it is missing. */
function missing(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid input")) return `missing: expected ${issue.expected}`;
  return issue.code === "invalid_value" ? `missing: ${issue.message}` : issue.message;
}

const dotted = (path: readonly PropertyKey[]) => path.map((part) => String(part).slice(0, 128)).join(".");

const longestGiven = 80;

/** A scalar cut short; a word for anything larger; nothing for what may be secret. */
function shown(path: readonly PropertyKey[], value: unknown): unknown {
  if (value === undefined || maySecret(path)) return undefined;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return value;
  // A location may carry credentials before the host or in its query, even where neither is allowed.
  const clean = value.replace(/\/\/[^/\s]*@/, "//…@").replace(/\?.*$/s, "?…");
  return clean.length > longestGiven ? `${clean.slice(0, longestGiven)}…` : clean;
}

/** Nothing of an environment variable or a header is repeated, whatever shape it came in: name and value may be swapped. */
function maySecret(path: readonly PropertyKey[]): boolean {
  return path.some((part) => part === "env" || part === "headers");
}
