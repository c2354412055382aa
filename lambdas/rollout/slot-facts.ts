import type { Head, SlotRecord } from "../../domain/deployment.ts";
import type { ComponentFacts, KubernetesObject, SlotFacts } from "../../domain/kubernetes.ts";
import { isOf, labels, workloadName } from "../../domain/names.ts";
import type { Component, SlotName } from "../../domain/words.ts";

/** Objects as listed, of one slot or of many. */
export interface SeenObjects {
  deployments: KubernetesObject[];
  replica_sets: KubernetesObject[];
  pods: KubernetesObject[];
  events: KubernetesObject[];
}

interface Owner {
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

/** Picks what belongs to a slot, by deployment, epoch and component. */
export function factsOf(
  slot: SlotName,
  { revision, epoch, desired }: SlotRecord,
  seen: SeenObjects,
  head: Pick<Head, "id" | "uid" | "place">,
): SlotFacts {
  const of = (component: Component): ComponentFacts | null => {
    if (desired[component] === null) return null;
    const name = workloadName(head, component, revision, epoch);
    const belongs = belongsTo(head, epoch, component);
    const isHere = ({ metadata }: KubernetesObject) => metadata.namespace === head.place.namespace;
    const sets = seen.replica_sets.filter(belongs);
    const others = new Set(sets.filter(isOfAnother(name)).map(({ metadata }) => metadata.uid));
    return {
      deployment: seen.deployments.find((each) => each.metadata.name === name && isHere(each)) ?? null,
      replica_sets: sets.filter(({ metadata }) => !others.has(metadata.uid)),
      pods: seen.pods.filter(belongs).filter((pod) => !others.has(controllerOf(pod)?.uid)),
      events: seen.events.filter(isAbout(name)),
    };
  };
  return { slot, revision, epoch, components: { predictor: of("predictor"), transformer: of("transformer") } };
}

const belongsTo =
  (head: Pick<Head, "uid" | "place">, epoch: number, component: Component) =>
  (object: KubernetesObject): boolean =>
    isOf(head)(object) &&
    object.metadata.labels?.[labels.epoch] === String(epoch) &&
    object.metadata.labels[labels.component] === component;

const controllerOf = ({ metadata }: KubernetesObject): Owner | undefined =>
  (metadata.ownerReferences as Owner[] | undefined)?.find(({ controller }) => controller);

/** A Deployment that somebody has copied keeps its labels, and gives them to what it makes: its instances are none of ours. */
const isOfAnother =
  (name: string) =>
  (set: KubernetesObject): boolean => {
    const owner = controllerOf(set);
    return owner?.kind === "Deployment" && owner.name !== name;
  };

const told: readonly unknown[] = ["Deployment", "ReplicaSet", "Pod"];

/**
 * The Deployment itself, its ReplicaSets (`<name>-<hash>`) and their pods (`<name>-<hash>-<five>`). Its autoscaler has the
 * same name, and warns of every instance that is not ready yet.
 */
const isAbout =
  (name: string) =>
  (event: KubernetesObject): boolean => {
    const { kind, name: about = "" } = (event.involvedObject ?? {}) as { kind?: string; name?: string };
    return told.includes(kind) && (about === name || about.startsWith(`${name}-`));
  };
