import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { absentImage } from "./support/objects.ts";
import { Product } from "./support/product.ts";
import { api, cluster } from "./target.ts";

const product = new Product();
const { deployments, services, autoscalers, routes, pods } = product.paths;
const ready = /^RUNNING READY True Ready healthy$/;
const drifted = /^RUNNING READY True Drifted healthy$/;

/** The one that it has of a kind, as whoever has kubectl finds it. */
const own = async (place: string): Promise<Any> => (await api.get(place)).body.items[0];
const change = async (place: string, patch: object) => api.patch(`${place}/${(await own(place)).metadata.name}`, patch);
const remove = async (place: string) => api.delete(`${place}/${(await own(place)).metadata.name}`);

/** Every object is made anew, and what was told of the change is no more. */
async function restartRepairs(): Promise<void> {
  expect(await product.restart()).toMatchObject({ outcome: "SUCCEEDED", cause: null });
  await product.comesTo(ready);
  expect(await product.state()).toMatchObject({ drift: [], instances: { predictor: { ready: 1, desired: 1 } } });
  expect((await product.call("/")).status).toBe(200);
  const { epoch } = await product.head();
  await product.untilGone(epoch - 1);
}

describe.skipIf(!cluster.gatewayUrl)("what somebody changes by hand is seen, and a restart puts it right", () => {
  let watching: ReturnType<Product["watch"]> | undefined;
  beforeAll(async () => {
    await product.startServer({ max_replicas: 2 });
    watching = product.watch();
  });
  afterAll(async () => {
    await watching?.end();
    await product.end();
  });

  test("nothing: it is ready, by way of its route and its endpoints", async () => {
    await product.comesTo(ready);
    expect((await product.state()).drift).toEqual([]);
  });

  test("an instance that is deleted: another takes its place", async () => {
    const { metadata } = await own(pods);
    await api.delete(`${pods}/${metadata.name}`);
    await api.untilGone(`${pods}/${metadata.name}`);
    await product.comesTo(ready);
    expect((await own(pods)).metadata.name).not.toBe(metadata.name);
  });

  test("an autoscaler whose bounds are edited, and put back", async () => {
    await change(autoscalers, { spec: { maxReplicas: 7 } });
    await product.comesTo(drifted);
    expect((await product.state()).drift).toMatchObject([{ field: "spec.maxReplicas", expected: "2", found: "7" }]);
    await change(autoscalers, { spec: { maxReplicas: 2 } });
    await product.comesTo(ready);
    const told = (await product.record.events((await product.head()).uid, { limit: 100 })).items.map(({ type }) => type);
    expect(told.filter((type) => type.startsWith("Drift"))).toEqual(["Drift Gone", "Drift Found"]);
  });

  test("an autoscaler that is deleted", async () => {
    const { name } = (await own(autoscalers)).metadata;
    await remove(autoscalers);
    await product.comesTo(drifted);
    const missing = { object: `HorizontalPodAutoscaler/${name}`, field: "", expected: "present", found: "missing" };
    expect((await product.state()).drift).toMatchObject([missing]);
    await restartRepairs();
  });

  test("a Deployment that is scaled to nothing: no idleness", async () => {
    await change(deployments, { spec: { replicas: 0 } });
    const seen = await product.comesTo(/^RUNNING SCHEDULED Unknown Pending failed$/);
    expect(seen.filter((state) => state.startsWith("IDLE"))).toEqual([]);
    await restartRepairs();
  });

  test("an image that is edited to one that no registry has: what serves goes on", async () => {
    const [server, ...others] = (await own(deployments)).spec.template.spec.containers;
    await change(deployments, { spec: { template: { spec: { containers: [{ ...server, image: absentImage }, ...others] } } } });
    await product.comesTo(/^RUNNING READY True (Degraded|Drifted) /);
    expect((await product.state()).drift).toMatchObject([{ field: "spec.template.spec.containers[predictor].image", found: absentImage }]);
    expect((await product.call("/")).status).toBe(200);
    await restartRepairs();
  });

  test("a Service that is deleted", async () => {
    await remove(services);
    // As the gateway says it, which may be later than the endpoints are gone.
    await product.comesTo(/^RUNNING READY False (RouteNotAccepted|NoEndpoints) failed$/);
    await restartRepairs();
  });

  test("a route that is deleted", async () => {
    await remove(routes);
    await product.comesTo(/^RUNNING READY False RouteMissing failed$/);
    await restartRepairs();
  });
});
