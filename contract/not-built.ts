import type { InputError } from "../domain/errors.ts";
import type { SpecificationInput } from "./specification.ts";

/**
 * Fields whose effect does not exist yet. They are refused by name rather than stored silently; building the effect
 * is deleting the line.
 */
interface NotBuilt<Input> {
  path: string;
  refused: (input: Input) => boolean;
  message: string;
}

export const notBuiltFields: readonly NotBuilt<SpecificationInput>[] = [
  { path: "access", refused: (s) => s.access !== "public", message: 'private access is not built yet: give "public"' },
];

/** One error for each field that asks for what is not built. */
export function notBuiltErrors(input: SpecificationInput): InputError[] {
  return notBuiltFields.filter(({ refused }) => refused(input)).map(({ path, message }) => ({ path, message }));
}
