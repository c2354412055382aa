import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment } from "./image.ts";
import { WatchedSystem } from "./watched-system.ts";

let watched: WatchedSystem;
const { predictor } = echoDeployment("any");
const autoscaled = { predictor: { ...predictor, scaling_config: { max_replicas: 2 } } };

beforeAll(async () => {
  watched = await WatchedSystem.start();
});
afterAll(() => watched?.stop());

/** A restart makes every object anew, and what was told of the change is no more. */
async function restartRepairs(id: string): Promise<void> {
  await watched.restart(id);
  await watched.comesTo(id, "RUNNING READY True Ready healthy");
  const { drift, instances, slots } = await watched.state(id);
  expect(drift).toEqual([]);
  expect(instances.predictor).toEqual({ ready: 1, desired: 1 });
  expect(Object.values(slots).filter((slot) => slot !== null)).toMatchObject([{ weight: 100 }]);
  expect((await fetch(`${watched.system.url}/endpoints/${id}/v2/health/ready`)).status).toBe(200);
}

describe("what somebody changes by hand is seen, and a restart repairs it", () => {
  it("a route that was deleted", async () => {
    await watched.run("routeless");
    await watched.remove("HTTPRoute", "routeless");
    await watched.comesTo("routeless", "RUNNING READY False RouteMissing failed");
    await restartRepairs("routeless");
  });

  it("a Service that was deleted", async () => {
    await watched.run("unserved");
    await watched.remove("Service", "unserved");
    // The gateway is the first to say so.
    await watched.comesTo("unserved", "RUNNING READY False RouteNotAccepted failed");
    await restartRepairs("unserved");
  });

  it("an autoscaler that was deleted", async () => {
    await watched.run("unscaled", autoscaled);
    const { name } = (await watched.objectOf("HorizontalPodAutoscaler", "unscaled")).metadata;
    await watched.remove("HorizontalPodAutoscaler", "unscaled");
    await watched.comesTo("unscaled", "RUNNING READY True Drifted healthy");
    const missing = { slot: "blue", object: `HorizontalPodAutoscaler/${name}`, field: "", expected: "present", found: "missing" };
    expect((await watched.state("unscaled")).drift).toEqual([missing]);
    await restartRepairs("unscaled");
  });

  it("an autoscaler that was edited", async () => {
    await watched.run("stretched", autoscaled);
    await watched.patch("HorizontalPodAutoscaler", "stretched", { spec: { maxReplicas: 7 } });
    await watched.comesTo("stretched", "RUNNING READY True Drifted healthy");
    expect((await watched.state("stretched")).drift).toMatchObject([
      { slot: "blue", field: "spec.maxReplicas", expected: "2", found: "7" },
    ]);
    await restartRepairs("stretched");
    expect((await watched.events("stretched")).map(({ type }) => type)).toContain("Drift Found");
  });

  it("a Deployment of one size that was given another", async () => {
    await watched.run("doubled");
    await watched.patch("Deployment", "doubled", { spec: { replicas: 2 } });
    await watched.comesTo("doubled", "RUNNING READY True Drifted healthy");
    expect((await watched.state("doubled")).drift).toMatchObject([{ slot: "blue", field: "spec.replicas", expected: "1", found: "2" }]);
    await restartRepairs("doubled");
  });

  it("a Deployment that was scaled to nothing: no idleness", async () => {
    await watched.run("scaled");
    await watched.patch("Deployment", "scaled", { spec: { replicas: 0 } });
    const seen = await watched.comesTo("scaled", "RUNNING SCHEDULED Unknown Pending failed");
    expect(seen.filter((each) => each.startsWith("IDLE"))).toEqual([]);
    await restartRepairs("scaled");
  });

  it("an image that was edited", async () => {
    await watched.run("exchanged");
    const { template } = (await watched.objectOf("Deployment", "exchanged")).spec as Templated;
    const [server, ...others] = template.spec.containers;
    const edited = [{ ...server, image: "test/absent:1" }, ...others];
    await watched.patch("Deployment", "exchanged", { spec: { template: { spec: { containers: edited } } } });
    await watched.system.until("the drift is told", async () => (await watched.state("exchanged")).drift.length > 0);
    expect((await watched.state("exchanged")).drift).toMatchObject([
      { field: "spec.template.spec.containers[predictor].image", found: "test/absent:1" },
    ]);
    await restartRepairs("exchanged");
  });
});

interface Templated {
  template: { spec: { containers: { image: string }[] } };
}
