import type { FieldError } from "../status-error.ts";

export function required(field: string, text = ""): FieldError {
  return { field, type: "FieldValueRequired", message: text ? `Required value: ${text}` : "Required value" };
}

export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { field, type: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}
