import * as z from "zod/mini";
import type { InputError } from "../domain/errors.ts";
import { isObject, sameJson } from "../domain/same-json.ts";
import type { EnvVariable, Specification } from "../domain/specification.ts";
import { type Completed, complete } from "./complete.ts";
import { mergePatch } from "./merge-patch.ts";
import { invalidInput, parse } from "./parse.ts";
import { specificationInput } from "./specification.ts";

/** `PATCH /v1/deployments/{id}`: any object passes here; `applyPatch` judges it together with what is stored. */
export const patchBody = z.record(z.string(), z.unknown());

export interface Update extends Completed {
  /** False when the next revision would run the same: nothing differs but the message, and no secret value was given. */
  changed: boolean;
}

const immutable = ["group", "id", "environment", "name"] as const;

/**
 * The next revision's specification: the merge patch on the stored one, validated as a whole. null puts a field back to
 * its default. `update_message` speaks of this update alone and is never taken over. What serves another model version
 * is left open (null) unless the patch says it. Throws `Problem("invalid-input")`.
 */
export function applyPatch(stored: Specification, patch: Record<string, unknown>): Update {
  const errors = immutableErrors(stored, patch);
  if (errors.length > 0) throw invalidInput("body", errors);
  const input = parse(specificationInput, withOpenRuntime(stored, patch), "body");
  const completed = complete(input, { predictor: secretsOf(stored.predictor.env), transformer: secretsOf(stored.transformer?.env ?? []) });
  if ("errors" in completed) throw invalidInput("body", completed.errors);
  const newSecrets = Object.values(completed.secret_values).some((values) => Object.keys(values).length > 0);
  return { ...completed, changed: newSecrets || !sameJson(withoutMessage(patchable(stored)), withoutMessage(completed.specification)) };
}

/** The merge, but what another version is served by: that the version itself may know. */
function withOpenRuntime(stored: Specification, patch: Record<string, unknown>): unknown {
  const merged = mergePatch(patchable(stored), patch) as { predictor?: { model?: unknown } };
  const model = merged.predictor?.model;
  const isOther = isObject(model) && !sameJson(model, stored.predictor.model);
  if (!isOther || (isObject(patch.predictor) && Object.hasOwn(patch.predictor, "runtime"))) return merged;
  return { ...merged, predictor: { ...merged.predictor, runtime: null } };
}

function immutableErrors(stored: Specification, patch: Record<string, unknown>): InputError[] {
  return immutable
    .filter((field) => Object.hasOwn(patch, field) && patch[field] !== stored[field])
    .map((field) => ({
      path: field,
      message: `${field} never changes (it is ${JSON.stringify(stored[field])}): leave it out, or create another deployment`,
    }));
}

/** A stored specification may name the artifact beside the model version that it was taken from: only the version was asked for. */
function patchable(stored: Specification): Omit<Specification, "update_message"> {
  const { update_message: _, ...rest } = stored;
  return stored.predictor.model === null ? rest : { ...rest, predictor: { ...stored.predictor, model_uri: null } };
}

const withoutMessage = (specification: Omit<Specification, "update_message">) => ({ ...specification, update_message: "" });
const secretsOf = (env: readonly EnvVariable[]) => env.filter((variable) => variable.secret).map(({ name }) => name);
