import { protocolOf } from "../catalogue/runtimes.ts";
import { servicePort } from "../names.ts";
import type { EnvVariable } from "../specification.ts";
import type { Component } from "../words.ts";
import { scriptFile } from "./artifacts.ts";
import { nameOf, type Placement } from "./placement.ts";
import type { ServedComponent } from "./server.ts";

export type ContainerEnv = { name: string; value: string } | { name: string; valueFrom: { secretKeyRef: { name: string; key: string } } };

/** What the server needs, then what the person gave (which wins). Secret values stand in the component's Secret alone. */
export function environmentOf(
  placement: Placement,
  component: Component,
  { server, specification, resolved }: ServedComponent,
): ContainerEnv[] {
  const script = scriptFile(component, { specification, resolved });
  const ours: Record<string, string> = {
    HOME: server.home,
    SLIPWAY_DEPLOYMENT: placement.deployment.id,
    SLIPWAY_REVISION: String(placement.record.revision),
    ...(component === "transformer" && transformerEnv(placement, resolved.model_name)),
    ...(script && { [component === "transformer" ? "TRANSFORMER_SCRIPT" : "PREDICTOR_SCRIPT"]: script }),
    ...server.env(resolved.model_name),
  };
  const variables = new Map<string, ContainerEnv>();
  for (const [name, value] of Object.entries(ours)) variables.set(name, { name, value: literal(value) });
  for (const variable of specification.env) variables.set(variable.name, fromPerson(variable, nameOf(placement, component)));
  return [...variables.values()];
}

/** Names of the secret variables of a component: the keys that its Secret has to have. */
export function secretNames(env: readonly EnvVariable[]): string[] {
  return env.filter((variable) => variable.secret === true).map((variable) => variable.name);
}

/** Kubernetes expands `$(NAME)` in values and arguments; what a person wrote is meant as it stands. */
export function literal(value: string): string {
  return /\$[$(]/.test(value) ? value.replaceAll("$", () => "$$") : value;
}

function fromPerson(variable: EnvVariable, secretName: string): ContainerEnv {
  if (variable.secret) return { name: variable.name, valueFrom: { secretKeyRef: { name: secretName, key: variable.name } } };
  return { name: variable.name, value: literal(variable.value) };
}

/** Where the predictor of the same slot answers, how it is spoken to, and the name under which it serves its model. */
function transformerEnv(placement: Placement, modelName: string): Record<string, string> {
  const { runtime } = placement.revision.specification.predictor;
  return {
    PREDICTOR_HOST: `${nameOf(placement, "predictor")}.${placement.deployment.place.namespace}:${servicePort}`,
    PREDICTOR_PROTOCOL: protocolOf(runtime),
    MODEL_NAME: modelName,
  };
}
