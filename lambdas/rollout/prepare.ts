import type { Head, Revision } from "../../domain/deployment.ts";
import { WorkflowError } from "../../domain/errors.ts";
import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { namespaceObjects } from "../../domain/manifests/namespace.ts";
import { labels, managedBy } from "../../domain/names.ts";
import { slotsInTheWay } from "../../domain/traffic.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { createOnce } from "./create-once.ts";
import { claim } from "./route.ts";
import { beginStep, revisionOf, type StepPorts } from "./step.ts";

/** What chooses the way through the state machine. */
export interface Prepared {
  /** What runs has to leave before its successor may start. */
  recreate_first: boolean;
}

/** Makes the group's namespace when it is the first there, and claims the route: older executors are out from here on. */
export async function prepare(input: WorkflowInput, ports: StepPorts): Promise<Prepared> {
  const step = await beginStep(input, "Prepare", ports);
  const revision = await revisionOf(step, ports.record);
  await makeNamespace(step.cluster, step.head);
  await claim(step.cluster, step.head);
  return prepared(step.head, revision);
}

/** Create-once, object by object: a namespace that was half made is completed. What is there is left as it is. */
async function makeNamespace(cluster: Cluster, { place, group }: Head): Promise<void> {
  for (const object of namespaceObjects({ place, group })) {
    const { kind, metadata } = object;
    const found = await cluster.get(kind as Kind, metadata.namespace ?? null, metadata.name as string);
    if (found) requireOwn(found);
    else await createOnce(cluster, object, requireOwn);
  }
}

function requireOwn({ kind, metadata }: KubernetesObject): void {
  if (kind !== "Namespace" || metadata.labels?.[labels.managedBy] === managedBy) return;
  const message = `namespace ${metadata.name} is not Slipway's (it lacks the label ${labels.managedBy}=${managedBy}): remove it, or choose another namespace_prefix`;
  throw new WorkflowError("ClusterRefused", "AlreadyExists", message);
}

function prepared({ slots, active_operation }: Head, { specification }: Revision): Prepared {
  const filling = active_operation?.slot;
  const inTheWay = filling ? slotsInTheWay(slots, filling).length > 0 : false;
  return { recreate_first: specification.rollout.strategy === "recreate" && inTheWay };
}
