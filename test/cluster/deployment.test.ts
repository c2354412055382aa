import { beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { condition, container, deployment, isReady, service } from "./support/objects.ts";
import { api, proxied, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("deployment");
});

const ownedBy = async (path: string, app: string) => (await api.get(`${path}?labelSelector=app=${app}`)).body.items as Any[];
const available = (count: number) => (each: Any) =>
  each.status?.availableReplicas === count && each.status.observedGeneration === each.metadata.generation;

test("conditions in the order of a start, and all counts in the end", async () => {
  const { resourceVersion } = (await api.get(here.deployments)).body.metadata;
  await api.make(here.deployments, deployment("started", {}, { replicas: 2 }));
  const reasons: Record<string, string[]> = { Progressing: [], Available: [] };
  let last: Any;
  for await (const { object } of api.watch(`${here.deployments}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=started`)) {
    last = object;
    for (const { type, status, reason } of object.status?.conditions ?? []) {
      if (reasons[type]?.at(-1) !== `${status} ${reason}`) reasons[type]?.push(`${status} ${reason}`);
    }
    if (condition(object, "Progressing")?.reason === "NewReplicaSetAvailable") break;
  }
  expect(reasons).toEqual({
    Progressing: ["True NewReplicaSetCreated", "True ReplicaSetUpdated", "True NewReplicaSetAvailable"],
    Available: ["False MinimumReplicasUnavailable", "True MinimumReplicasAvailable"],
  });
  const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: 1 };
  expect(last.status).toMatchObject(counts);
  expect(last.status).not.toHaveProperty("unavailableReplicas");
  const [set] = await ownedBy(here.replicaSets, "started");
  expect(condition(last, "Progressing").message).toBe(`ReplicaSet "${set.metadata.name}" has successfully progressed.`);
  expect(condition(last, "Available").message).toBe("Deployment has minimum availability.");
});

test("pods are named and owned by the ReplicaSet, which the Deployment owns", async () => {
  const { metadata } = await api.make(here.deployments, deployment("family"));
  await api.until(here.deployments, "family", available(1));
  expect((await api.get(`${here.deployments}/family`)).body.metadata.annotations["deployment.kubernetes.io/revision"]).toBe("1");
  const [set] = await ownedBy(here.replicaSets, "family");
  expect(set.metadata.ownerReferences).toMatchObject([{ apiVersion: "apps/v1", kind: "Deployment", uid: metadata.uid, controller: true }]);
  expect(set.status).toMatchObject({ replicas: 1, readyReplicas: 1, availableReplicas: 1, fullyLabeledReplicas: 1, observedGeneration: 1 });
  const [first] = await ownedBy(here.pods, "family");
  expect(first.metadata.name).toMatch(/^family-[a-z0-9]+-[a-z0-9]{5}$/);
  expect(first.metadata).toMatchObject({
    generateName: `${set.metadata.name}-`,
    labels: { app: "family", "pod-template-hash": set.metadata.labels["pod-template-hash"] },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: set.metadata.name, uid: set.metadata.uid, controller: true }],
  });
  const said = await api.untilAny(`${here.events}?fieldSelector=involvedObject.name=family`, (each) => each.reason === "ScalingReplicaSet");
  expect(said.message).toBe(`Scaled up replica set ${set.metadata.name} from 0 to 1`);
});

test("a new template replaces pods without going below what must be there", async () => {
  const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await api.make(here.deployments, deployment("rolled", {}, { replicas: 2, strategy }));
  await api.until(here.deployments, "rolled", available(2));
  const before = (await ownedBy(here.pods, "rolled")).map((each) => each.metadata.name);
  const { resourceVersion } = (await api.get(here.deployments)).body.metadata;
  const containers = [container({ env: [{ name: "TAG", value: "v2" }] })];
  await api.patch(`${here.deployments}/rolled`, { spec: { template: { spec: { containers } } } });
  let fewest = 2;
  for await (const { object } of api.watch(`${here.deployments}?resourceVersion=${resourceVersion}&fieldSelector=metadata.name=rolled`)) {
    fewest = Math.min(fewest, object.status.availableReplicas ?? 0);
    if (available(2)(object) && object.status.updatedReplicas === 2 && object.status.replicas === 2) break;
  }
  expect(fewest).toBe(2);
  const sets = await ownedBy(here.replicaSets, "rolled");
  const sizes = sets.map((set) => [set.metadata.annotations["deployment.kubernetes.io/revision"], set.spec.replicas]);
  expect(sizes.toSorted()).toEqual([
    ["1", 0],
    ["2", 2],
  ]);
  const left = async () => (await ownedBy(here.pods, "rolled")).filter((each) => before.includes(each.metadata.name)).length;
  await expect.poll(left).toBe(0);
});

test("a pod that is deleted is replaced", async () => {
  await api.make(here.deployments, deployment("healed"));
  await api.until(here.deployments, "healed", available(1));
  const [first] = await ownedBy(here.pods, "healed");
  await api.delete(`${here.pods}/${first.metadata.name}`);
  await api.untilAny(`${here.pods}?labelSelector=app=healed`, (each) => each.metadata.uid !== first.metadata.uid && isReady(each));
});

test("replicas 0 takes every pod away", async () => {
  await api.make(here.deployments, deployment("emptied"));
  await api.until(here.deployments, "emptied", available(1));
  await api.patch(`${here.deployments}/emptied`, { spec: { replicas: 0 } });
  const empty = await api.until(here.deployments, "emptied", (each) => each.status.observedGeneration === 2 && !each.status.replicas);
  expect(condition(empty, "Available").status).toBe("True");
  await expect.poll(async () => (await ownedBy(here.pods, "emptied")).length).toBe(0);
});

test("no progress by the deadline is said once, and forgotten when progress comes", async () => {
  await api.make(here.deployments, deployment("stuck", { env: [{ name: "READY", value: "no" }] }, { progressDeadlineSeconds: 2 }));
  const object = await api.until(here.deployments, "stuck", (each) => condition(each, "Progressing")?.status === "False");
  expect(condition(object, "Progressing").reason).toBe("ProgressDeadlineExceeded");
  expect(condition(object, "Progressing").message).toMatch(/^ReplicaSet "stuck-[a-z0-9]+" has timed out progressing\.$/);
  const stuck = await api.untilAny(`${here.pods}?labelSelector=app=stuck`, (each) => each.status.phase === "Running");
  await expect.poll(() => proxied(here.pods, stuck.metadata.name, "/")).toMatchObject({ method: "GET" });
  await proxied(here.pods, stuck.metadata.name, "/set?ready=yes");
  await api.until(here.deployments, "stuck", (each) => condition(each, "Progressing")?.reason === "NewReplicaSetAvailable");
});

describe("endpoints", () => {
  const slicesOf = (name: string) => `${here.slices}?labelSelector=kubernetes.io/service-name=${name}`;

  test("a Service names the ready pods of its selector, and the others as not ready", async () => {
    await api.make(here.services, service("steady"));
    await api.make(here.deployments, deployment("steady"));
    const slice = await api.untilAny(slicesOf("steady"), (each) => each.endpoints?.[0]?.conditions.ready === true);
    const [target] = await ownedBy(here.pods, "steady");
    expect(slice).toMatchObject({ addressType: "IPv4", ports: [{ name: "http", port: 8080, protocol: "TCP" }] });
    expect(slice.endpoints).toMatchObject([
      {
        addresses: [target.status.podIP],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: { kind: "Pod", name: target.metadata.name, uid: target.metadata.uid },
      },
    ]);
    await proxied(here.pods, target.metadata.name, "/set?ready=no");
    const unready = await api.untilAny(slicesOf("steady"), (each) => each.endpoints?.[0]?.conditions.ready === false);
    expect(unready.endpoints[0].conditions).toEqual({ ready: false, serving: false, terminating: false });
  });

  test("a Service without pods has a slice with null lists, which goes with it", async () => {
    await api.make(here.services, service("alone"));
    const slice = await api.untilAny(slicesOf("alone"), () => true);
    expect([slice.endpoints, slice.ports]).toEqual([null, null]);
    expect(slice.metadata.ownerReferences).toMatchObject([{ kind: "Service", name: "alone" }]);
    await api.delete(`${here.services}/alone`);
    await api.untilGone(`${here.slices}/${slice.metadata.name}`);
  });
});
