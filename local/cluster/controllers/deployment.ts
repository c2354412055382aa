import { isDeepStrictEqual } from "node:util";
import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import { EventRecorder } from "../events/recorder.ts";
import { shortHash } from "../objects/random-name.ts";
import { controllerOf, keyOf, ownedBy } from "../objects/resource.ts";
import type { Deployment, ReplicaSet } from "../objects/workloads.ts";
import { type Controller, startController } from "./controller.ts";
import { deadlineOf, nextStatus } from "./deployment-status.ts";
import { allowances, plannedSizes } from "./rolling-update.ts";
import { splitKey, type WorkQueue } from "./work-queue.ts";

const hashLabel = "pod-template-hash";
const revisionAnnotation = "deployment.kubernetes.io/revision";

/** One ReplicaSet for each template a Deployment had; sizes move from the old ones to the newest. */
export function startDeployments(registry: Registry): Controller {
  const events = new EventRecorder(registry, { component: "deployment-controller" });
  return startController(
    registry,
    "Deployment",
    ({ object, rule }) => {
      if (rule.kind === "Deployment") return [keyOf(object)];
      const owner = rule.kind === "ReplicaSet" ? controllerOf(object) : undefined;
      return owner?.kind === "Deployment" ? [`${object.metadata.namespace}/${owner.name}`] : [];
    },
    () => registry.list<Deployment>("Deployment").map(keyOf),
    (key, queue) => reconcile(registry, events, key, queue),
  );
}

function reconcile(registry: Registry, events: EventRecorder, key: string, queue: WorkQueue): void {
  const [namespace, name] = splitKey(key);
  const deployment = registry.find<Deployment>("Deployment", namespace, name);
  if (!deployment) return;
  if (!deployment.metadata.deletionTimestamp && !deployment.spec.paused) rollOut(registry, events, deployment);
  const sets = registry.controlledBy<ReplicaSet>("ReplicaSet", deployment);
  const newest = sets.find((set) => isOfTemplate(set, deployment));
  const status = nextStatus(deployment, sets, newest, Date.now());
  registry.change<Deployment>(
    "Deployment",
    deployment,
    (draft) => {
      if (!isDeepStrictEqual(draft.status, status)) draft.status = status;
    },
    "status",
  );
  const deadline = deadlineOf(deployment, status);
  if (deadline !== undefined) queue.addAfter(key, Math.max(0, deadline - Date.now()) + 1000);
}

function isOfTemplate(set: ReplicaSet, deployment: Deployment): boolean {
  return set.metadata.labels?.[hashLabel] === templateHash(deployment);
}

function templateHash(deployment: Deployment): string {
  return shortHash(JSON.stringify(deployment.spec.template));
}

function rollOut(registry: Registry, events: EventRecorder, deployment: Deployment): void {
  const known = registry.controlledBy<ReplicaSet>("ReplicaSet", deployment);
  const newest = known.find((set) => isOfTemplate(set, deployment)) ?? createReplicaSet(registry, events, deployment, known);
  noteRevision(registry, deployment, newest);
  const sets = [...known.filter((set) => set.metadata.uid !== newest.metadata.uid), newest];
  for (const { set, replicas } of plannedSizes(deployment, sets, newest)) {
    if (set.spec.replicas === replicas) continue;
    registry.change<ReplicaSet>("ReplicaSet", set, (draft) => {
      draft.spec.replicas = replicas;
      draft.metadata.annotations = { ...draft.metadata.annotations, ...sizeAnnotations(deployment) };
    });
    sayScaled(events, deployment, set, set.spec.replicas, replicas);
  }
  removeOldest(
    registry,
    deployment,
    known.filter((set) => set !== newest),
  );
}

function sayScaled(events: EventRecorder, deployment: Deployment, { metadata }: ReplicaSet, from: number, to: number): void {
  const direction = to > from ? "up" : "down";
  events.normal(deployment, "ScalingReplicaSet", `Scaled ${direction} replica set ${metadata.name} from ${from} to ${to}`);
}

/** Made at the size that it may have at once. */
function createReplicaSet(registry: Registry, events: EventRecorder, deployment: Deployment, known: ReplicaSet[]): ReplicaSet {
  const draft = newReplicaSet(deployment, known);
  const sized = plannedSizes(deployment, [...known, draft], draft).find(({ set }) => set === draft);
  draft.spec.replicas = sized?.replicas ?? 0;
  const created = registry.create<ReplicaSet>(draft);
  if (created.spec.replicas > 0) sayScaled(events, deployment, created, 0, created.spec.replicas);
  return created;
}

function newReplicaSet(deployment: Deployment, known: ReplicaSet[]): ReplicaSet {
  const hash = templateHash(deployment);
  const { template, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const revision = 1 + Math.max(0, ...known.map((set) => Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)));
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace as string,
      labels,
      annotations: { ...deployment.metadata.annotations, [revisionAnnotation]: String(revision), ...sizeAnnotations(deployment) },
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds && { minReadySeconds }),
      selector: { ...deployment.spec.selector, matchLabels: { ...deployment.spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  } as unknown as ReplicaSet;
}

function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const { replicas } = deployment.spec;
  return {
    "deployment.kubernetes.io/desired-replicas": String(replicas),
    "deployment.kubernetes.io/max-replicas": String(replicas + allowances(deployment).surge),
  };
}

function noteRevision(registry: Registry, deployment: Deployment, newest: ReplicaSet): void {
  const revision = newest.metadata.annotations?.[revisionAnnotation];
  if (!revision || deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
  registry.change<Deployment>("Deployment", deployment, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [revisionAnnotation]: revision };
  });
}

function removeOldest(registry: Registry, deployment: Deployment, old: ReplicaSet[]): void {
  const revisionOf = (set: ReplicaSet) => Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
  const idle = old
    .filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
    .toSorted((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of idle.slice(0, Math.max(0, idle.length - (deployment.spec.revisionHistoryLimit ?? 10)))) {
    registry.delete(ruleFor("ReplicaSet"), set.metadata.namespace, set.metadata.name);
  }
}
