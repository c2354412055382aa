import type { KubernetesObject, SlotFacts } from "../../../domain/kubernetes.ts";
import { judgeSlot, type SlotJudgement } from "../../../domain/slot-condition.ts";
import type { Any, WatchEvent } from "./api-client.ts";

/** An object as it came to be at one moment, without what says nothing about how it fares. */
export interface Frame {
  at: string;
  type: string;
  object: KubernetesObject;
}

/** Everything that a cluster told about one cause, each object whenever it had changed. */
export class Film {
  readonly frames: Frame[] = [];
  readonly #latest = new Map<string, string>();

  readonly take = ({ type, object }: WatchEvent): void => {
    if (object.kind === "Event" && object.involvedObject.kind !== "Pod") return;
    const kept = essenceOf(object);
    const key = `${kept.kind} ${kept.metadata.name}`;
    const text = `${type === "DELETED"} ${JSON.stringify(kept)}`;
    if (this.#latest.get(key) === text) return;
    this.#latest.set(key, text);
    this.frames.push({ at: new Date().toISOString(), type, object: kept });
  };
}

function essenceOf({ kind, metadata, spec, status, ...rest }: Any): KubernetesObject {
  const { name, uid, creationTimestamp, deletionTimestamp, generation } = metadata;
  const { apiVersion: _, reportingInstance: _instance, ...event } = rest;
  return {
    kind,
    metadata: { name, uid, creationTimestamp, deletionTimestamp, generation },
    ...(kind === "Event" ? event : { spec: specOf(spec), status: statusOf(status) }),
  };
}

function specOf({ nodeName, replicas, containers, initContainers }: Any): Any {
  const named = (all: Any[]) => all.map(({ name, image }) => ({ name, image }));
  return {
    nodeName,
    replicas,
    ...(containers && { containers: named(containers) }),
    ...(initContainers && { initContainers: named(initContainers) }),
  };
}

function statusOf({ initContainerStatuses, containerStatuses, ...status }: Any = {}): Any {
  const { hostIP: _a, hostIPs: _b, podIP: _c, podIPs: _d, qosClass: _e, ...told } = status;
  const slim = ({ name, ready, started, restartCount, state, lastState }: Any) => ({
    name,
    ready,
    started,
    restartCount,
    state,
    lastState,
  });
  return {
    ...told,
    ...(initContainerStatuses && { initContainerStatuses: initContainerStatuses.map(slim) }),
    ...(containerStatuses && { containerStatuses: containerStatuses.map(slim) }),
  };
}

export interface Judged {
  /** Each condition that the product drew from it, in the order in which it first did: `STARTED False CrashLoopBackOff`. */
  conditions: string[];
  /** The one that it ended with. */
  last: string;
  /** What the product makes of it when nothing has changed for an hour. */
  verdict: SlotJudgement["verdict"];
}

const anHour = 3_600_000;

/** The product's judgement after each frame, as if what is seen were the predictor of a slot that needs one instance. */
export function judge(frames: Frame[]): Judged {
  const objects = new Map<string, KubernetesObject>();
  const conditions: string[] = [];
  let last = "";
  let now = 0;
  const judged = (at: number) => judgeSlot(factsOf([...objects.values()]), { predictor: 1, transformer: null }, at);
  for (const { at, type, object } of frames) {
    const key = `${object.kind} ${object.metadata.name}`;
    if (type === "DELETED") objects.delete(key);
    else objects.set(key, object);
    now = Date.parse(at);
    const { type: condition, status, reason } = judged(now).condition;
    last = `${condition} ${status} ${reason}`;
    if (!conditions.includes(last)) conditions.push(last);
  }
  return { conditions, last, verdict: judged(now + anHour).verdict };
}

function factsOf(objects: KubernetesObject[]): SlotFacts {
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const pods = of("Pod");
  const predictor = { deployment: of("Deployment")[0] ?? deploymentAround(pods), replica_sets: [], pods, events: of("Event") };
  return { slot: "blue", revision: 1, epoch: 1, components: { predictor, transformer: null } } as unknown as SlotFacts;
}

/** Most causes are shown by one pod alone: a Deployment that has made it, and counts it when it is ready. */
function deploymentAround(pods: KubernetesObject[]): KubernetesObject {
  const isReady = (pod: Any) => pod.status?.conditions?.some(({ type, status }: Any) => type === "Ready" && status === "True");
  const status = { observedGeneration: 1, updatedReplicas: pods.length, availableReplicas: pods.filter(isReady).length };
  return { kind: "Deployment", metadata: { name: "failing", generation: 1 }, spec: { replicas: 1 }, status } as unknown as KubernetesObject;
}

export interface Expected {
  conditions: string[];
  /** When it is not the last of those. */
  last?: string;
  verdicts: Judged["verdict"][];
}

/** What is wrong with a judgement: some conditions may pass too quickly to be seen, none may come out of turn. */
export function flawOf({ conditions, last, verdict }: Judged, expected: Expected): string | undefined {
  let from = 0;
  for (const condition of conditions) {
    from = expected.conditions.indexOf(condition, from) + 1;
    if (from === 0) return `${condition} is not due there: ${conditions.join(" > ")}`;
  }
  const wanted = expected.last ?? expected.conditions.at(-1);
  if (last !== wanted) return `it ended with ${last}, not with ${wanted}`;
  return expected.verdicts.includes(verdict) ? undefined : `an hour later it is ${verdict}, not ${expected.verdicts.join(" or ")}`;
}
