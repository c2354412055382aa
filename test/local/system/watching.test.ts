import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WatchedSystem } from "./watched-system.ts";

let watched: WatchedSystem;

beforeAll(async () => {
  watched = await WatchedSystem.start();
});
afterAll(() => watched?.stop());

describe("somebody looks at a deployment that serves", () => {
  it("and sees that nothing differs from what was asked for", async () => {
    await watched.run("calm");
    expect((await watched.state("calm")).drift).toEqual([]);
  });

  it("and sees an instance that was evicted replaced", async () => {
    await watched.run("evicted");
    const pod = await watched.objectOf("Pod", "evicted");
    await watched.remove("Pod", "evicted");
    await watched.system.until("another instance serves", async () => {
      const { body } = await watched.system.call("GET", "/v1/deployments/evicted/instances");
      return body.items.some(({ name, ready }: { name: string; ready: boolean }) => name !== pod.metadata.name && ready);
    });
    await watched.comesTo("evicted", "RUNNING READY True Ready healthy");
  });
});

describe("the bus", () => {
  it("hears all that the events of a deployment tell, without a gap", async () => {
    await watched.run("heard");
    await watched.patch("Deployment", "heard", { spec: { revisionHistoryLimit: 7 } });
    await watched.comesTo("heard", "RUNNING READY True Drifted healthy");
    await watched.patch("Deployment", "heard", { spec: { revisionHistoryLimit: 0 } });
    await watched.comesTo("heard", "RUNNING READY True Ready healthy");
    const told = (await watched.events("heard")).toReversed();
    await watched.system.until("the bus has heard it all", async () => (await watched.heardOf("heard")).length >= told.length);
    const heard = await watched.heardOf("heard");
    expect(heard.map(({ detail }) => detail.sequence)).toEqual(told.map((_, index) => index + 1));
    expect(heard.map((each) => each["detail-type"])).toEqual(
      told.map(({ type }) => (type.startsWith("Operation ") ? "Operation State Changed" : type)),
    );
    expect(heard.at(-1)).toMatchObject({ "detail-type": "Drift Gone", detail: { slot: "blue", drift: [], actor: "slipway" } });
  });
});
