import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kind, KubernetesObject } from "../../../domain/kubernetes.ts";
import { eksClusters } from "../../../lambdas/adapters/eks-clusters.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { System } from "./system.ts";

let system: System;
let folder: string;
/** The cluster as somebody with kubectl sees it. */
let cluster: Cluster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-watching-"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
  const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
  cluster = await eksClusters({ region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${system.url}/aws` })("local");
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const state = async (id: string) => (await system.call("GET", `/v1/deployments/${id}/state`)).body;
const events = async (id: string) => (await system.call("GET", `/v1/deployments/${id}/events`)).body.items;
const told = ({ status, condition, health }: Awaited<ReturnType<typeof state>>) =>
  `${status} ${condition.type} ${condition.status} ${condition.reason} ${health}`;

async function run(id: string): Promise<void> {
  const { body } = await system.call("POST", "/v1/deployments", { body: echoDeployment(id, { rollout: { drain_seconds: 0 } }) });
  await system.until(
    `${id} runs`,
    async () => (await system.call("GET", `/v1/operations/${body.operation.id}`)).body.outcome === "SUCCEEDED",
  );
  await comesTo(id, "RUNNING READY True Ready healthy");
}
async function restart(id: string): Promise<void> {
  const { body } = await system.call("POST", `/v1/deployments/${id}/restart`);
  await system.until(
    "the restart has ended",
    async () => (await system.call("GET", `/v1/operations/${body.operation.id}`)).body.outcome !== null,
  );
}
/** Every state on the way there, each once. */
async function comesTo(id: string, end: string): Promise<string[]> {
  const seen: string[] = [];
  await system.until(`${id} comes to ${end}, after ${seen}`, async () => {
    const now = told(await state(id));
    if (seen.at(-1) !== now) seen.push(now);
    return now === end;
  });
  return seen;
}
async function objectOf(kind: Kind, id: string): Promise<KubernetesObject> {
  const { items } = await cluster.list(kind, { namespace: "slipway-demo-staging", labels: { "slipway.dev/deployment": id } });
  if (!items[0]) throw new Error(`${id} has no ${kind}`);
  return items[0];
}
const remove = async (kind: Kind, id: string): Promise<void> => {
  const { namespace = "", name = "", uid = "" } = (await objectOf(kind, id)).metadata;
  await cluster.remove(kind, namespace, name, uid, 0);
};
const patch = async (kind: Kind, id: string, change: object): Promise<void> => {
  const { namespace = "", name = "" } = (await objectOf(kind, id)).metadata;
  await cluster.patch(kind, namespace, name, change);
};

describe("somebody looks at a deployment that serves", () => {
  it("and sees that nothing differs from what was asked for", async () => {
    await run("calm");
    expect((await state("calm")).drift).toEqual([]);
  });

  it("and sees a route that was deleted, until a restart makes it again", async () => {
    await run("routeless");
    await remove("HTTPRoute", "routeless");
    await comesTo("routeless", "RUNNING READY False RouteMissing failed");
    await restart("routeless");
    await comesTo("routeless", "RUNNING READY True Ready healthy");
  });

  it("and sees a Service that was deleted", async () => {
    await run("unserved");
    await remove("Service", "unserved");
    // The gateway is the first to say so.
    await comesTo("unserved", "RUNNING READY False RouteNotAccepted failed");
  });

  it("and sees what was scaled to nothing by hand: no idleness", async () => {
    await run("scaled");
    await patch("Deployment", "scaled", { spec: { replicas: 0 } });
    const seen = await comesTo("scaled", "RUNNING SCHEDULED Unknown Pending failed");
    expect(seen.filter((each) => each.startsWith("IDLE"))).toEqual([]);
  });

  it("and sees what was edited, named, until a restart puts it right", async () => {
    await run("edited");
    await patch("HorizontalPodAutoscaler", "edited", { spec: { maxReplicas: 7 } });
    await comesTo("edited", "RUNNING READY True Drifted healthy");
    expect((await state("edited")).drift).toMatchObject([{ slot: "blue", field: "spec.maxReplicas", expected: "1", found: "7" }]);
    await restart("edited");
    await comesTo("edited", "RUNNING READY True Ready healthy");
    expect((await events("edited")).map(({ type }: { type: string }) => type)).toContain("Drift Found");
  });

  it("and sees an instance that was evicted replaced, with the loss in the events", async () => {
    await run("evicted");
    const pod = await objectOf("Pod", "evicted");
    await remove("Pod", "evicted");
    await system.until("another instance serves", async () => {
      const { body } = await system.call("GET", "/v1/deployments/evicted/instances");
      return body.items.some(({ name, ready }: { name: string; ready: boolean }) => name !== pod.metadata.name && ready);
    });
    await comesTo("evicted", "RUNNING READY True Ready healthy");
  });
});
