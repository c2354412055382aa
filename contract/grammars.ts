import * as z from "zod/mini";

/** Closed grammars of names. Every generated Kubernetes name is made of these (domain/names.ts). */

/**
 * A text of one line: no control characters, so that neither a log nor a header can be forged with it. They stand by their numbers:
 * the OpenAPI document tells the pattern, and not every language that reads it knows `\p{Cc}`.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const oneLine = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;
/** A text of several lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const severalLines = /^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$/;

export const idPattern = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/;
export const groupPattern = /^[a-z][a-z0-9-]{0,28}[a-z0-9]$/;
export const environmentPattern = /^[a-z][a-z0-9]{0,18}[a-z0-9]$/;
const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const matching = (pattern: RegExp, message: string) => z.string().check(z.regex(pattern, message));

export const deploymentId = matching(
  idPattern,
  "2 to 40 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
);
export const groupName = matching(
  groupPattern,
  "2 to 30 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
);
export const modelName = matching(
  groupPattern,
  "2 to 30 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
);
export const environmentName = matching(environmentPattern, "2 to 20 lower-case letters and digits, beginning with a letter");
export const ulid = matching(ulidPattern, "a ULID: 26 upper-case letters and digits");
/** A deployment's id or its uid, as routes take it. */
export const deploymentReference = z.union([deploymentId, ulid], { error: "a deployment's id or uid" });

export const displayName = z
  .string()
  .check(
    z.maxLength(100, "at most 100 characters"),
    z.regex(oneLine, "no control characters"),
    z.regex(/\S/, "a name is needed, with more than blanks"),
  );
/** Half of a surrogate pair is no text, and no table keeps it. */
const wellFormed = z.refine<string>((text) => text.isWellFormed(), "well-formed Unicode, no half of a surrogate pair");
export const oneLineText = (max: number) =>
  z.string().check(z.maxLength(max, `at most ${max} characters`), z.regex(oneLine, "one line, no control characters"), wellFormed);
export const longText = (max: number) =>
  z.string().check(z.maxLength(max, `at most ${max} characters`), z.regex(severalLines, "no control characters"), wellFormed);

export const envName = matching(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, "letters, digits, '-', '_' and '.', not beginning with a digit").check(
  z.maxLength(128, "at most 128 characters"),
);
/** A name that Kubernetes takes for an object (RFC 1123 subdomain). */
export const kubernetesName = matching(
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
  "the name of a Secret: lower-case letters, digits, '-' and '.'",
).check(z.maxLength(253, "at most 253 characters"));

export const whole = (from: number, to: number) => {
  const message = `a whole number from ${from} to ${to}`;
  return z.int(message).check(z.minimum(from, message), z.maximum(to, message));
};

/** A deployment's id made from its name; undefined when nothing of the name can be used. Pure: the same name, the same id. */
export function idFromName(name: string): string | undefined {
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return idPattern.test(slug) ? slug : undefined;
}
