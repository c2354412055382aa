import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FreshnessMode } from "../../domain/freshness.ts";
import { describeState, type State } from "../../domain/state.ts";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import type { WatchStart } from "../../lambdas/ports/watches.ts";
import { watch } from "../../lambdas/sync/watch.ts";
import { quietLog } from "../doubles/quiet-log.ts";
import { cleanUp } from "../local/step-functions/machine-runner.ts";
import { Scene } from "../rollout/scene.ts";
import { WorkflowScene } from "../rollout/workflow-scene.ts";

let scene: Scene;
let machines: WorkflowScene;
let log: ReturnType<typeof quietLog>;
let started: WatchStart[];
let runs: Promise<void>[];
let over: AbortController;
const seconds = 1000;
const minutes = 60 * seconds;

beforeEach(async () => {
  scene = new Scene();
  machines = new WorkflowScene(scene);
  log = quietLog();
  started = [];
  runs = [];
  over = new AbortController();
  await machines.run("rollout", await scene.start());
});
afterEach(async () => {
  over.abort();
  await Promise.all(runs);
  await cleanUp();
});

const ports = (freshness: FreshnessMode) => ({
  ...scene.ports,
  freshness,
  log: { warn: (message: string, error?: Error) => log.warn(message, error as Error) },
  watches: scene.record.watches,
  newId: () => `run-${runs.length}`,
  startWatch: async (start: WatchStart) => void started.push(start),
});

/** A run for at most so long, on the scene's clock, with an API server that sends its bookmarks. */
function run(freshness: FreshnessMode = "always", milliseconds = 10 * minutes, start: WatchStart = { cluster: "local" }): Promise<void> {
  const end = scene.clock.now() + milliseconds;
  const remaining = () => (over.signal.aborted ? 0 : end - scene.clock.now());
  const running = watch(start, ports(freshness), remaining);
  runs.push(running);
  return running;
}
const passes = async (milliseconds: number): Promise<void> => {
  for (let left = milliseconds; left > 0; left -= 30 * seconds) {
    await scene.clock.sleep(Math.min(left, 30 * seconds));
    scene.cluster.bookmark();
  }
};
async function state(): Promise<State> {
  const head = await scene.head();
  return describeState(head, await scene.record.stillSeen(head, await scene.record.observed(scene.uid)), scene.clock.now());
}
const serving = () => scene.cluster.named("Deployment")[0] as string;
const breakDown = (fate: "crashes" | "ready") => {
  scene.cluster.fate = () => fate;
  scene.cluster.rerun(serving());
};

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

  it("labels that were taken off a pod by hand make one instance fewer", async () => {
    void run();
    await passes(10 * seconds);
    const pod = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Pod");
    scene.cluster.put({ ...structuredClone(pod), metadata: { ...pod?.metadata, labels: {} } } as never);
    await scene.clock.sleep(1 * seconds);
    expect(await state()).toMatchObject({ health: "failed", instances: { predictor: { ready: 0, desired: 1 } } });
  });
});

describe("what somebody changes behind our back", () => {
  const events = () => (scene.record.events_.get(scene.uid) ?? []).filter(({ type }) => type.startsWith("Drift"));
  const change = async (kind: "Deployment" | "HorizontalPodAutoscaler", patch: object): Promise<void> => {
    const found = [...scene.cluster.objects.values()].find((object) => object.kind === kind);
    const { namespace = "", name = "" } = found?.metadata ?? {};
    await scene.cluster.patch(kind, namespace, name, patch);
    await scene.clock.sleep(1 * seconds);
  };

  it("is nothing at first, whatever operations have done to the size", async () => {
    void run();
    await passes(30 * seconds);
    expect((await state()).drift).toEqual([]);
    expect(events()).toEqual([]);
  });

  it("is shown with what differs, told once, and gone when it is put right", async () => {
    void run();
    await passes(10 * seconds);
    await change("HorizontalPodAutoscaler", { spec: { maxReplicas: 50, minReplicas: 2 } });
    const [scaler] = scene.cluster.named("HorizontalPodAutoscaler");
    expect(await state()).toMatchObject({
      health: "healthy",
      condition: { type: "READY", status: "True", reason: "Drifted", message: expect.stringContaining("A restart puts it right") },
      drift: expect.arrayContaining([
        { slot: "blue", object: `HorizontalPodAutoscaler/${scaler}`, field: "spec.maxReplicas", expected: "1", found: "50" },
      ]),
    });
    await passes(1 * minutes);
    expect(events()).toHaveLength(1);
    await change("HorizontalPodAutoscaler", { spec: { maxReplicas: 1, minReplicas: 1 } });
    expect((await state()).drift).toEqual([]);
    expect(events().map(({ type }) => type)).toEqual(["Drift Found", "Drift Gone"]);
  });

  it("is an image: named, old and new", async () => {
    void run();
    await passes(10 * seconds);
    await change("Deployment", { spec: { template: { spec: { containers: [{ name: "predictor", image: "evil/server:1" }] } } } });
    const { drift } = await state();
    expect(drift[0]).toMatchObject({
      field: "spec.template.spec.containers[predictor].image",
      expected: expect.stringContaining("onnx-server"),
      found: "evil/server:1",
    });
  });

  it("never shows a value of the environment", async () => {
    void run();
    await passes(10 * seconds);
    const env = [{ name: "HOME", value: "hunter2" }];
    await change("Deployment", {
      spec: { template: { spec: { containers: [{ name: "predictor", image: "slipway/onnx-server:1", env }] } } },
    });
    expect(JSON.stringify(await state())).not.toContain("hunter2");
    expect((await state()).drift.map(({ field }) => field)).toContain("spec.template.spec.containers[predictor].env[HOME].value");
  });
});

describe("an instance that ends while nobody changes anything", () => {
  const failures = () => (scene.record.events_.get(scene.uid) ?? []).filter(({ type }) => type === "Instance Failed");

  it("leaves its cause and its last lines with the deployment's events, once", async () => {
    scene.cluster.podLog = async (_namespace, _pod, { previous }) => (previous ? "loading\nAPI_KEY=hunter2\nno such model\n" : "");
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(2 * minutes);
    expect(failures()).toMatchObject([
      {
        actor: "slipway",
        operation_id: null,
        message: expect.stringMatching(
          /^predictor of revision 1 \(blue\): instance .*-abc-0 ended: Error, exit code 1, restarted 4 times: no such model$/,
        ),
        after: { container_name: "predictor", restarts: 4, log: ["loading", "API_KEY=[masked]", "no such model"] },
      },
    ]);
    const [key = ""] = [...scene.kept.keys()].filter((each) => each.includes("/instances/"));
    expect(failures()[0]?.after?.evidence_key).toBe(key);
    expect(JSON.stringify(scene.kept.get(key))).not.toContain("hunter2");
  });

  it("is told of even when its log cannot be read any more", async () => {
    scene.cluster.podLog = async () => {
      throw new KubernetesError(404, "NotFound", "pods not found");
    };
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(30 * seconds);
    expect(failures()).toHaveLength(1);
    expect((await state()).health).toBe("failed");
  });

  it("is told of when it was evicted", async () => {
    void run();
    await passes(10 * seconds);
    const pod = [...scene.cluster.objects.values()].find(({ kind }) => kind === "Pod");
    const status = { ...(pod?.status as object), phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." };
    scene.cluster.put({ ...structuredClone(pod), status } as never);
    await passes(30 * seconds);
    expect(failures().map(({ message }) => message)).toEqual([expect.stringMatching(/instance .* was lost: Evicted$/)]);
    expect((await state()).condition).toMatchObject({ type: "SCHEDULED", reason: "Evicted" });
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

describe("one run at a time", () => {
  it("writes: another one ends at once", async () => {
    void run();
    await passes(10 * seconds);
    await run();
    expect((await scene.record.watches.find("local")).holder).toBe("run-1");
  });

  it("starts its successor, which takes over when it ends", async () => {
    const first = run("always", 1 * minutes);
    await passes(45 * seconds);
    expect(started).toEqual([{ cluster: "local", successor_of: "run-1" }]);
    void run("always", 10 * minutes, started[0] as WatchStart);
    await passes(5 * seconds);
    expect((await scene.record.watches.find("local")).holder).toBe("run-1");
    await first;
    await passes(2 * seconds);
    expect((await scene.record.watches.find("local")).holder).toBe("run-2");
    breakDown("crashes");
    await scene.clock.sleep(1 * seconds);
    expect((await state()).health).toBe("failed");
  });

  it("that was lost is replaced when its word is over", async () => {
    await scene.record.watches.hold("local", {
      holder: "lost",
      now: scene.at,
      until: new Date(scene.clock.now() + 30 * seconds).toISOString(),
      seen: null,
    });
    await run();
    await scene.clock.sleep(31 * seconds);
    void run();
    await passes(10 * seconds);
    expect((await scene.record.watches.find("local")).holder).toBe("run-2");
  });

  it("ends when nobody looks and nothing is under way, and goes on for ten minutes after a look", async () => {
    await run("on_demand");
    expect((await scene.record.watches.find("local")).holder).toBeNull();
    await scene.record.watches.tellLook("local", scene.at, scene.at);
    const begun = scene.clock.now();
    await Promise.race([run("on_demand", 14 * minutes), passes(14 * minutes)]);
    expect(scene.clock.now() - begun).toBeGreaterThan(9 * minutes);
    expect(scene.clock.now() - begun).toBeLessThan(11 * minutes);
  });
});

describe("when the API server fails", () => {
  it("to know a version any more, all is listed anew", async () => {
    const { watch: watching } = scene.cluster;
    let refused = 0;
    scene.cluster.watch = async function* (...given) {
      if (given[0] === "Pod" && refused++ === 0) throw new KubernetesError(410, "Expired", "too old resource version");
      yield* watching.apply(scene.cluster, given);
    } as typeof watching;
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await scene.clock.sleep(1 * seconds);
    expect((await state()).health).toBe("failed");
  });

  it("to tell of a change, it is found within five minutes", async () => {
    const { watch: watching } = scene.cluster;
    scene.cluster.watch = async function* (...given) {
      for await (const event of watching.apply(scene.cluster, given)) if (event.type === "BOOKMARK") yield event;
    } as typeof watching;
    void run();
    await passes(10 * seconds);
    breakDown("crashes");
    await passes(5 * minutes);
    expect((await state()).health).toBe("failed");
  });

  it("and doubles what it tells, nothing is written twice", async () => {
    const { watch: watching } = scene.cluster;
    scene.cluster.watch = async function* (...given) {
      for await (const event of watching.apply(scene.cluster, given)) yield* [event, event];
    } as typeof watching;
    void run();
    await passes(10 * seconds);
    const before = (await scene.record.observed(scene.uid))?.version ?? 0;
    breakDown("crashes");
    await passes(30 * seconds);
    expect(((await scene.record.observed(scene.uid))?.version ?? 0) - before).toBeLessThanOrEqual(3);
  });

  it("to say anything, what was seen grows old instead of being called healthy", async () => {
    void run();
    await passes(10 * seconds);
    scene.cluster.watch = async function* (_kind, _scope, _version, signal) {
      await scene.clock.sleep(60 * minutes, signal).catch(() => undefined);
    } as typeof scene.cluster.watch;
    scene.cluster.list = async () => scene.clock.sleep(60 * minutes) as never;
    await scene.clock.sleep(8 * minutes);
    expect((await state()).health).toBe("unknown");
  });

  it("at once, the run ends without a word, and the next one heals what it left", async () => {
    const { list } = scene.cluster;
    scene.cluster.list = async () => {
      throw new KubernetesError(503, "ServiceUnavailable", "down");
    };
    await run();
    expect((await scene.record.watches.find("local")).holder).toBeNull();
    breakDown("crashes");
    scene.cluster.list = list;
    void run();
    await passes(10 * seconds);
    expect((await state()).health).toBe("failed");
  });
});
