import type { CreateBody } from "../../contract/create.ts";
import { createBody } from "../../contract/create.ts";
import { parse } from "../../contract/parse.ts";
import { type InputError, Problem } from "../../domain/errors.ts";

/** The least that a create needs in this release. */
export const leastBody = {
  group: "demo",
  name: "Iris",
  environment: "staging",
  access: "public",
  predictor: { runtime: "onnx", model: { name: "iris", version: 1 } },
};

/** The least body with other fields of the predictor. */
export const withPredictor = (fields: object) => ({ ...leastBody, predictor: { ...leastBody.predictor, ...fields } });

export const create = (body: unknown): CreateBody => parse(createBody, body, "body");

/** The problem that a call throws; a call that throws nothing, or something else, is a failed test. */
export function problemOf(call: () => unknown): Problem {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

export const errorsOf = (call: () => unknown): InputError[] => problemOf(call).errors;
export const pathsOf = (call: () => unknown): string[] => errorsOf(call).map((error) => error.path);
