import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../domain/state.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

let { scene, log, run, passes, state, breakDown, end } = {} as WatchedCluster;
beforeEach(async () => {
  ({ scene, log, run, passes, state, breakDown, end } = await watchedCluster());
});
afterEach(() => end());

describe("while a cluster is watched", () => {
  it("a crash is in the record within a second, and so is its end", async () => {
    void run();
    await passes(30 * seconds);
    expect((await state()).health).toBe("healthy");
    breakDown("crashes");
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ health: "failed", condition: { type: "STARTED", status: "False", reason: "CrashLoopBackOff" } });
    breakDown("ready");
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ status: "RUNNING", condition: { type: "READY", status: "True" } });
  });

  it("nothing is written of what does not change, and what is shown is never old", async () => {
    void run();
    await passes(10 * seconds);
    const before = await scene.record.observed(scene.uid);
    await passes(8 * minutes);
    expect(await scene.record.observed(scene.uid)).toEqual(before);
    expect(scene.clock.now() - Date.parse((await state()).observed_at ?? "")).toBeLessThan(30 * seconds);
  });

  it("nor of what is wrong and stays so: that it is, is not old either", async () => {
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(9 * minutes);
    expect(await state()).toMatchObject({ status: "FAILED", health: "failed", condition: { reason: "CrashLoopBackOff" } });
    expect(scene.clock.now() - Date.parse((await state()).observed_at ?? "")).toBeLessThan(30 * seconds);
  });

  it("what is gone for two minutes has failed, in list and events, once", async () => {
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(5 * minutes);
    expect(await state()).toMatchObject({ status: "FAILED", health: "failed" });
    expect(scene.record.cards_.get(scene.uid)?.status).toBe("FAILED");
    const changes = (scene.record.events_.get(scene.uid) ?? []).filter(({ after }) => after?.status === "FAILED");
    expect(changes).toHaveLength(1);
  });

  it("AwaitReady alone writes of what it follows", async () => {
    void run();
    await passes(10 * seconds);
    const input = await scene.begin("UPDATE");
    await scene.record.enterStep(input, "AwaitReady", scene.at);
    const before = await scene.record.observed(scene.uid);
    breakDown("crashes");
    await passes(2 * minutes);
    expect(await scene.record.observed(scene.uid)).toEqual(before);
  });

  it("pods that carry our labels and are not ours change nothing", async () => {
    void run();
    await passes(10 * seconds);
    const labels = { "app.kubernetes.io/managed-by": "slipway", "slipway.dev/uid": "01J00000000000000000000000" };
    scene.cluster.put({ apiVersion: "v1", kind: "Pod", metadata: { name: "stranger", namespace: "default", labels } });
    await passes(1 * minutes);
    expect((await state()).health).toBe("healthy");
    expect(log.lines).toEqual([]);
  });

  it("one of five thousand pods in a list is seen like one alone", async () => {
    const labels = (number: number) => ({ "app.kubernetes.io/managed-by": "slipway", "slipway.dev/uid": `other-${number % 500}` });
    for (let number = 0; number < 5_000; number++) {
      const metadata = { name: `other-${number}`, namespace: "others", uid: `other-${number}`, labels: labels(number) };
      scene.cluster.put({ apiVersion: "v1", kind: "Pod", metadata });
    }
    void run();
    await passes(10 * seconds);
    expect((await state()).health).toBe("healthy");
    breakDown("crashes");
    await scene.clock.sleep(1 * seconds);
    expect((await state()).health).toBe("failed");
  });

  it.each([
    ["in another namespace", "default", 1],
    ["beside its own, as its Service counts it", undefined, 2],
  ])("a copy of one of its pods %s", async (_where, namespace, ready) => {
    void run();
    await passes(10 * seconds);
    const pod = structuredClone([...scene.cluster.objects.values()].find(({ kind }) => kind === "Pod"));
    Object.assign(pod?.metadata ?? {}, { uid: "copied", name: "copied", ...(namespace && { namespace }) });
    scene.cluster.put(pod as never);
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ health: "healthy", instances: { predictor: { ready, desired: 1 } } });
  });

  it("labels that were taken off a pod by hand make one instance fewer", async () => {
    void run();
    await passes(10 * seconds);
    const pod = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Pod");
    scene.cluster.put({ ...structuredClone(pod), metadata: { ...pod?.metadata, labels: {} } } as never);
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ health: "failed", instances: { predictor: { ready: 0, desired: 1 } } });
  });
});

describe("a way to the instances that is gone", () => {
  const gone = async (kind: "HTTPRoute" | "EndpointSlice"): Promise<State> => {
    void run();
    await passes(10 * seconds);
    const found = [...scene.cluster.objects.values()].find((object) => object.kind === kind);
    const { namespace = "", name = "", uid = "" } = found?.metadata ?? {};
    await scene.cluster.remove(kind, namespace, name, uid);
    await scene.clock.sleep(1 * seconds);
    return state();
  };

  it("is no health: without its route", async () => {
    expect(await gone("HTTPRoute")).toMatchObject({
      health: "failed",
      condition: { type: "READY", status: "False", reason: "RouteMissing" },
    });
  });

  it("is no health: without endpoints", async () => {
    expect(await gone("EndpointSlice")).toMatchObject({
      health: "failed",
      condition: { type: "READY", status: "False", reason: "NoEndpoints" },
    });
  });

  it("is no health: with a route that the gateway refuses", async () => {
    void run();
    await passes(10 * seconds);
    const route = [...scene.cluster.objects.values()].find(({ kind }) => kind === "HTTPRoute");
    scene.cluster.gatewayRefuses = "no listener";
    scene.cluster.put(structuredClone(route) as never);
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ health: "failed", condition: { reason: "RouteNotAccepted" } });
    expect((await state()).condition.message).toContain("no listener");
  });

  it("is no idleness: scaled to nothing by hand", async () => {
    void run();
    await passes(10 * seconds);
    const pod = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Pod");
    await scene.cluster.remove("Pod", pod?.metadata.namespace ?? "", pod?.metadata.name ?? "", null);
    const deployment = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Deployment");
    scene.cluster.put({ ...structuredClone(deployment), spec: { ...(deployment?.spec as object), replicas: 0 } } as never);
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ health: "failed", instances: { predictor: { ready: 0, desired: 1 } } });
  });
});
