import type { KubernetesObject, SlotFacts } from "../../domain/kubernetes.ts";
import { judgeSlot, type SlotJudgement } from "../../domain/slot-condition.ts";

/**
 * Objects as kubelet, scheduler and controllers write them: a pod walks by its conditions, container states and events.
 * Times are seconds before `now`.
 */
export const now = Date.parse("2026-11-21T10:00:00Z");
export const secondsAgo = (seconds: number): string => new Date(now - seconds * 1000).toISOString().replace(".000Z", "Z");

export const image = "registry.example/card:9";
export const deploymentName = "card-scorer-abcdef-p4-7";

interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

interface PodShape {
  name?: string;
  /** Container statuses of the server and of what was injected beside it. */
  containers?: object[];
  inits?: object[];
  conditions?: Condition[];
  age?: number;
  node?: string | null;
  phase?: string;
  reason?: string;
  message?: string;
  deleted?: boolean;
}

export function aPod(shape: PodShape = {}): KubernetesObject {
  const { name = `${deploymentName}-5d8f7-x2x4z`, age = 5, node = "node-1", phase = "Pending", conditions = scheduled(age) } = shape;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: secondsAgo(age),
      ...(shape.deleted && { deletionTimestamp: secondsAgo(1) }),
    },
    spec: {
      ...(node && { nodeName: node }),
      containers: [{ name: "predictor", image }],
      initContainers: [{ name: "storage-initializer", image: "kserve/storage-initializer:v0.20.0" }],
    },
    status: {
      phase,
      ...(shape.reason && { reason: shape.reason }),
      ...(shape.message && { message: shape.message }),
      ...(node && { startTime: secondsAgo(age) }),
      conditions,
      ...(shape.inits && { initContainerStatuses: shape.inits }),
      ...(shape.containers && { containerStatuses: shape.containers }),
    },
  };
}

export const condition = (type: string, status: Condition["status"], reason?: string, message?: string, age = 5): Condition => ({
  type,
  status,
  ...(reason && { reason }),
  ...(message && { message }),
  lastTransitionTime: secondsAgo(age),
});

/** On its node; the sandbox is not there yet. */
export const scheduled = (age = 5): Condition[] => [
  condition("PodReadyToStartContainers", "False", undefined, undefined, age),
  condition("Initialized", "False", "ContainersNotInitialized", "containers with incomplete status: [storage-initializer]", age),
  condition("Ready", "False", "ContainersNotReady", "containers with unready status: [predictor]", age),
  condition("ContainersReady", "False", "ContainersNotReady", "containers with unready status: [predictor]", age),
  condition("PodScheduled", "True", undefined, undefined, age),
];

/** Volumes, sandbox and init containers are done; the server is not ready. */
export const initialized = (age = 5, readyChanged = age): Condition[] => [
  condition("PodReadyToStartContainers", "True", undefined, undefined, age),
  condition("Initialized", "True", undefined, undefined, age),
  condition("Ready", "False", "ContainersNotReady", "containers with unready status: [predictor]", readyChanged),
  condition("ContainersReady", "False", "ContainersNotReady", "containers with unready status: [predictor]", readyChanged),
  condition("PodScheduled", "True", undefined, undefined, age),
];

export const allTrue = (age = 5): Condition[] =>
  ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) =>
    condition(type, "True", undefined, undefined, age),
  );

interface StatusShape {
  name?: string;
  restarts?: number;
  last?: object;
  ready?: boolean;
  started?: boolean;
}
const status = (state: object, { name = "predictor", restarts = 0, last, ready = false, started = false }: StatusShape) => ({
  name,
  image,
  ready,
  started,
  restartCount: restarts,
  state,
  lastState: last ? { terminated: last } : {},
});

export const waiting = (reason: string, message?: string, shape: StatusShape = {}) =>
  status({ waiting: { reason, ...(message && { message }) } }, shape);
export const running = (shape: StatusShape & { age?: number } = {}) =>
  status({ running: { startedAt: secondsAgo(shape.age ?? 5) } }, shape);
export const terminated = (end: object, shape: StatusShape = {}) => status({ terminated: end }, shape);
export const ended = (exitCode: number, reason = "Error", message?: string, more: object = {}) => ({
  exitCode,
  reason,
  ...(message && { message }),
  startedAt: secondsAgo(4),
  finishedAt: secondsAgo(2),
  ...more,
});

export const downloaded = terminated(ended(0, "Completed"), { name: "storage-initializer", ready: true });

export const aReadyPod = (name: string): KubernetesObject =>
  aPod({ name, phase: "Running", conditions: allTrue(), inits: [downloaded], containers: [running({ ready: true, started: true })] });

/** A pod whose init container is done and whose server is in the state given. */
export const serverIn = (container: object, more: PodShape = {}): KubernetesObject =>
  aPod({ phase: "Running", conditions: initialized(more.age), inits: [downloaded], containers: [container], ...more });

interface EventShape {
  type?: "Normal" | "Warning";
  age?: number;
  about?: string;
  container?: string;
}
export function anEvent(
  reason: string,
  message: string,
  { type = "Warning", age = 1, about, container }: EventShape = {},
): KubernetesObject {
  const name = about ?? `${deploymentName}-5d8f7-x2x4z`;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason}.${age}`, creationTimestamp: secondsAgo(age) },
    type,
    reason,
    message,
    involvedObject: { kind: "Pod", name, uid: `uid-${name}`, ...(container && { fieldPath: `spec.containers{${container}}` }) },
    lastTimestamp: secondsAgo(age),
    count: 1,
  };
}

interface DeploymentShape {
  replicas?: number;
  generation?: number;
  observed?: number;
  updated?: number;
  available?: number;
  conditions?: Condition[];
}
export function aDeployment(shape: DeploymentShape = {}): KubernetesObject {
  const { replicas = 1, generation = 1, observed = generation, conditions = [progressing] } = shape;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: deploymentName, uid: "uid-deployment", generation, creationTimestamp: secondsAgo(6) },
    spec: { replicas },
    status: {
      observedGeneration: observed,
      replicas,
      updatedReplicas: shape.updated ?? replicas,
      availableReplicas: shape.available ?? 0,
      conditions,
    },
  };
}
export const progressing = condition("Progressing", "True", "ReplicaSetUpdated", "ReplicaSet is progressing.");

interface Seen {
  deployment?: KubernetesObject | null;
  replicaSets?: KubernetesObject[];
  pods?: KubernetesObject[];
  events?: KubernetesObject[];
}
export function facts(predictor: Seen, transformer: Seen | null = null): SlotFacts {
  const of = ({ deployment = aDeployment(), replicaSets = [], pods = [], events = [] }: Seen) => ({
    deployment,
    replica_sets: replicaSets,
    pods,
    events,
  });
  return { slot: "green", revision: 4, epoch: 7, components: { predictor: of(predictor), transformer: transformer && of(transformer) } };
}

/** Judges one predictor of which one instance is wanted. */
export function judge(seen: Seen, desired = 1): SlotJudgement {
  return judgeSlot(facts(seen), { predictor: desired, transformer: null }, now);
}

/** What a table row compares: `SCHEDULED False Unschedulable failed`. */
export function verdictOf({ condition: { type, status: of, reason }, verdict }: SlotJudgement): string {
  return `${type} ${of} ${reason} ${verdict}`;
}
