import type { InputError } from "../domain/errors.ts";
import type { EnvVariable, RolloutPolicy, Specification } from "../domain/specification.ts";
import type { Component } from "../domain/words.ts";
import { idFromName } from "./grammars.ts";
import { rolloutErrors } from "./rollout-policy.ts";
import type { EnvInput, SpecificationInput } from "./specification.ts";
import { predictorErrors, transformerErrors } from "./what-to-run.ts";

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
    ...predictorErrors(input.predictor),
    ...transformerErrors(input.transformer, input.predictor),
    ...predictor.errors,
    ...transformer.errors,
    ...rolloutErrors(input.rollout as RolloutPolicy),
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
