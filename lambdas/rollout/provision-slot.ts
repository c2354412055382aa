import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { secretNames } from "../../domain/manifests/environment.ts";
import type { Placement } from "../../domain/manifests/placement.ts";
import { ownedBy, ownerOf, slotObjects } from "../../domain/manifests/slot.ts";
import type { Revision } from "../../domain/revision.ts";
import { type Component, components } from "../../domain/words.ts";
import type { SecretValues } from "../ports/secrets.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { createOnce, sameAttempt } from "./create-once.ts";
import { beginStep, revisionOf, type Step, type StepPorts } from "./step.ts";

/** Makes everything that the revision runs as, once, under names that carry revision and epoch. */
export async function provisionSlot(input: WorkflowInput, ports: StepPorts & { secrets: SecretValues }): Promise<Record<string, never>> {
  const step = await beginStep(input, "ProvisionSlot", ports);
  const revision = await revisionOf(step, ports.record);
  const placement = placementOf(step, revision, await secretsOf(revision, step.head.uid, ports.secrets));
  const made = new Map<string, KubernetesObject | undefined>();
  for (const object of slotObjects(placement)) {
    const owner = ownerOf(object);
    const whole = owner ? ownedBy(object, requireThere(made.get(owner), owner, object)) : object;
    made.set(object.kind, await createOnce(step.cluster, whole, sameAttempt(object)));
  }
  return {};
}

/** Somebody has removed it between two looks: tried again, the step makes it anew. */
function requireThere(owner: KubernetesObject | undefined, kind: string, { metadata: { name } }: KubernetesObject): KubernetesObject {
  if (owner) return { ...owner, kind, apiVersion: kind === "Service" ? "v1" : "apps/v1" };
  throw new WorkflowError("ClusterUnavailable", "Conflict", `${kind} ${name} was removed while its objects were being made`);
}

function placementOf({ head, operation }: Step, revision: Revision, secrets: Placement["secrets"]): Placement {
  const { slot } = operation;
  const record = slot && head.slots[slot];
  if (!slot || !record) throw new Error(`operation ${operation.id} (${operation.kind}) of deployment ${head.id} fills no slot`);
  return { deployment: head, slot, record, revision, secrets };
}

async function secretsOf({ revision, specification }: Revision, uid: string, secrets: SecretValues): Promise<Placement["secrets"]> {
  const values: Partial<Record<Component, Record<string, string>>> = {};
  for (const component of components) {
    const env = specification[component]?.env ?? [];
    if (secretNames(env).length > 0) values[component] = await secrets.get({ uid, revision, component });
  }
  return values;
}
