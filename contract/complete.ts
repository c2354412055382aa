import { instanceTypes } from "../domain/catalogue/instance-types.ts";
import { runtimes } from "../domain/catalogue/runtimes.ts";
import type { InputError } from "../domain/errors.ts";
import type { EnvVariable, RolloutPolicy, Specification } from "../domain/specification.ts";
import type { Component } from "../domain/words.ts";
import { idFromName } from "./grammars.ts";
import { notBuiltErrors } from "./not-built.ts";
import { rolloutErrors } from "./rollout-policy.ts";
import type { EnvInput, PredictorInput, SpecificationInput } from "./specification.ts";

/** Names or values of secret variables, by component. */
export type BySecretHolder<T> = Record<Component, T>;

/** A specification that holds no secret, and the secrets apart. */
export interface Completed {
  specification: Specification;
  /** Values given now, by variable name: for the secrets table alone. */
  secret_values: BySecretHolder<Record<string, string>>;
  /** Secrets named without a value: they keep the last revision's. */
  kept_secrets: BySecretHolder<string[]>;
}

/** Checks what spans fields and takes the secret values out. `keepable`: the secrets that the last revision has. */
export function complete(input: SpecificationInput, keepable: BySecretHolder<string[]>): Completed | { errors: InputError[] } {
  const id = input.id ?? idFromName(input.name);
  const predictor = divide(input.predictor.env, keepable.predictor, "predictor.env");
  const transformer = divide(input.transformer?.env ?? [], keepable.transformer, "transformer.env");
  const errors = [
    ...(id === undefined ? [{ path: "id", message: "no id can be made of this name: give one" }] : []),
    ...whatToRunErrors(input.predictor),
    ...predictor.errors,
    ...transformer.errors,
    ...rolloutErrors(input.rollout as RolloutPolicy),
    ...notBuiltErrors(input),
  ];
  if (id === undefined || errors.length > 0) return { errors };
  return {
    specification: {
      ...input,
      id,
      predictor: { ...input.predictor, env: predictor.env },
      transformer: input.transformer && { ...input.transformer, env: transformer.env },
    },
    secret_values: { predictor: predictor.values, transformer: transformer.values },
    kept_secrets: { predictor: predictor.kept, transformer: transformer.kept },
  };
}

/** Either a runtime of the catalogue with exactly one place of the model, or an image that carries its own. */
function whatToRunErrors(predictor: PredictorInput): InputError[] {
  const { runtime, image, model, model_uri } = predictor;
  const wrong = (path: string, message: string) => [{ path: `predictor.${path}`, message }];
  if (runtime === null && image === null) return wrong("runtime", "give what to run: a runtime with a model, or an image");
  if (runtime !== null && image !== null) return wrong("image", "give either a runtime or an image: set the other to null");
  if (image !== null) {
    const extra = model !== null ? "model" : model_uri !== null ? "model_uri" : undefined;
    return extra === undefined
      ? []
      : wrong(extra, "an image carries its own model: leave this out, or give a runtime in place of the image");
  }
  if (model === null && model_uri === null) return wrong("model", "give the model to serve: model (name and version) or model_uri");
  if (model !== null && model_uri !== null) return wrong("model_uri", "give either model or model_uri: set the other to null");
  if (runtime !== null && runtimes[runtime].needs_gpu && instanceTypes[predictor.instance_type].gpu === 0)
    return wrong("instance_type", `the runtime ${runtime} needs a GPU: give gpu.standard or gpu.xlarge`);
  return [];
}

interface Divided {
  env: EnvVariable[];
  values: Record<string, string>;
  kept: string[];
  errors: InputError[];
}

function divide(variables: readonly EnvInput[], keepable: readonly string[], path: string): Divided {
  const errors = variables.flatMap((variable, index) => envErrors(variables, variable, index, keepable, path));
  const secrets = variables.filter((variable) => variable.secret);
  return {
    env: variables.map(({ name, value, secret }) => (secret ? { name, secret } : { name, value: value ?? "" })),
    values: Object.fromEntries(secrets.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    kept: secrets.filter(({ value }) => value === undefined).map(({ name }) => name),
    errors,
  };
}

function envErrors(
  variables: readonly EnvInput[],
  variable: EnvInput,
  index: number,
  keepable: readonly string[],
  path: string,
): InputError[] {
  const { name, value, secret } = variable;
  const errors: InputError[] = [];
  if (variables.findIndex((other) => other.name === name) < index)
    errors.push({ path: `${path}.${index}.name`, message: `${name} is given twice` });
  if (value === undefined && !secret)
    errors.push({
      path: `${path}.${index}.value`,
      message: `${name} has no value: give one, or "secret": true to keep a secret's last value`,
    });
  if (value === undefined && secret && !keepable.includes(name))
    errors.push({ path: `${path}.${index}.value`, message: `the secret ${name} has no value yet that could be kept: give one` });
  return errors;
}
