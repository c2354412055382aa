import * as z from "zod/mini";

/** A container image as a registry names it: `[host[:port]/]path[:tag][@sha256:…]`. No scheme, no blanks. */

const pathPart = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
const hostLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const host = `${hostLabel}(?:\\.${hostLabel})*(?::[0-9]{1,5})?`;
const tag = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";
const digest = "sha256:[a-f0-9]{64}";
const pattern = new RegExp(`^(?:${host}/)?${pathPart}(?:/${pathPart})*(?::${tag})?(?:@${digest})?$`);

/** At most this long as a whole; also keeps the pattern's work small. */
const maxLength = 400;

export function isImageReference(text: string): boolean {
  return text.length <= maxLength && pattern.test(text);
}

export const imageReference = z.string().check(
  z.refine(isImageReference, {
    error: (issue) =>
      typeof issue.input === "string" && issue.input.includes("://")
        ? "an image is named without a scheme, as registry.example/team/image:tag"
        : "a container image, as registry.example/team/image:tag or …@sha256:…",
  }),
);
