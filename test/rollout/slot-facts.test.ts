import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, ownLabels, workloadName } from "../../domain/names.ts";
import { factsOf } from "../../lambdas/rollout/slot-facts.ts";
import { aHead, aSlot } from "../doubles/deployments.ts";

const head = aHead();
const slot = aSlot();
const name = workloadName(head, "predictor", slot.revision, slot.epoch);
const copied = `${name}-copy`;
const carried = { ...ownLabels(head), [labels.epoch]: String(slot.epoch), [labels.component]: "predictor" };

function made(kind: string, itsName: string, owner?: { kind: string; name: string }): KubernetesObject {
  const ownerReferences = owner && [{ apiVersion: "apps/v1", ...owner, uid: `uid of ${owner.name}`, controller: true }];
  const { namespace } = head.place;
  const metadata = { name: itsName, namespace, uid: `uid of ${itsName}`, labels: carried, ...(ownerReferences && { ownerReferences }) };
  return { apiVersion: "v1", kind, metadata };
}

/** A Deployment, the set that it makes and a pod of that. */
const workload = (deployment: string) => ({
  deployment: made("Deployment", deployment),
  set: made("ReplicaSet", `${deployment}-abc`, { kind: "Deployment", name: deployment }),
  pod: made("Pod", `${deployment}-abc-x2x4k`, { kind: "ReplicaSet", name: `${deployment}-abc` }),
});

function seen(...workloads: ReturnType<typeof workload>[]) {
  const objects = {
    deployments: workloads.map(({ deployment }) => deployment),
    replica_sets: workloads.map(({ set }) => set),
    pods: workloads.map(({ pod }) => pod),
    events: [],
  };
  return factsOf("blue", slot, objects, head).components.predictor;
}

describe("what belongs to a slot", () => {
  it("is its Deployment with the sets and pods of that, and not what a copy with its labels has made", () => {
    const own = workload(name);
    expect(seen(own, workload(copied))).toEqual({ deployment: own.deployment, replica_sets: [own.set], pods: [own.pod], events: [] });
  });

  it("is nothing of a copy where its own Deployment is gone", () => {
    expect(seen(workload(copied))).toEqual({ deployment: null, replica_sets: [], pods: [], events: [] });
  });

  it("are its pods also where nobody may see the sets between them", () => {
    const { deployment, pod } = workload(name);
    const facts = factsOf("blue", slot, { deployments: [deployment], replica_sets: [], pods: [pod], events: [] }, head);
    expect(facts.components.predictor?.pods).toEqual([pod]);
  });
});
