import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FreshnessMode } from "../../domain/freshness.ts";
import type { Kind } from "../../domain/kubernetes.ts";
import { describeState } from "../../domain/state.ts";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import { lookLive } from "../../lambdas/sync/look-live.ts";
import { sync } from "../../lambdas/sync/sync.ts";
import { MemoryWorkflows } from "../doubles/memory-workflows.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

let watched: WatchedCluster;
beforeEach(async () => {
  watched = await watchedCluster();
});
afterEach(() => watched.end());

const plurals: Partial<Record<Kind, string>> = { HorizontalPodAutoscaler: "horizontalpodautoscalers", HTTPRoute: "httproutes" };
const words = (kind: Kind) => `${plurals[kind] ?? `${kind.toLowerCase()}s`} is forbidden: User "slipway:reader" cannot list resource`;

/** As an API server whose roles leave that out; gives how to put them right. */
function refuse(...refused: Kind[]): () => void {
  const { cluster } = watched.scene;
  const { list, watch } = cluster;
  const refusal = (kind: Kind) => new KubernetesError(403, "Forbidden", words(kind));
  cluster.list = (async (...given: Parameters<typeof list>) => {
    if (refused.includes(given[0])) throw refusal(given[0]);
    return list.apply(cluster, given);
  }) as typeof list;
  cluster.watch = async function* (...given) {
    if (refused.includes(given[0])) throw refusal(given[0]);
    yield* watch.apply(cluster, given);
  } as typeof watch;
  return () => Object.assign(cluster, { list, watch });
}

const ready = { type: "READY", status: "True", reason: "Ready" };
const unseen = (kind: Kind) => [{ kind, message: words(kind) }];

describe("a cluster that refuses to tell of one kind, while it is watched", () => {
  it("autoscalers: all else is seen, nothing is called drift, and it is said", async () => {
    refuse("HorizontalPodAutoscaler");
    void watched.run();
    await watched.passes(10 * seconds);
    expect(await watched.state()).toMatchObject({
      ...{ health: "healthy", condition: ready, drift: [], unseen: unseen("HorizontalPodAutoscaler") },
    });
    watched.breakDown("crashes");
    await watched.scene.clock.sleep(1 * seconds);
    expect(await watched.state()).toMatchObject({ health: "failed", condition: { reason: "CrashLoopBackOff" } });
    const told = watched.log.lines.filter(({ message }) => String(message).includes("HorizontalPodAutoscaler"));
    await watched.passes(10 * minutes);
    expect(told).toHaveLength(1);
    expect(watched.log.lines.filter(({ message }) => String(message).includes("HorizontalPodAutoscaler"))).toHaveLength(1);
  });

  it.each(["HTTPRoute", "EndpointSlice"] as const)(
    "%s: instances are ready, and whether requests get there is not claimed",
    async (kind) => {
      const allow = refuse(kind);
      void watched.run();
      await watched.passes(10 * seconds);
      expect(await watched.state()).toMatchObject({
        ...{ status: "RUNNING", health: "unknown", instances: { predictor: { ready: 1, desired: 1 } }, unseen: unseen(kind) },
        condition: { type: "READY", status: "Unknown", reason: "Forbidden", message: expect.stringContaining(words(kind)) },
      });
      await watched.passes(8 * minutes);
      expect((await watched.state()).condition.reason).toBe("Forbidden");
      allow();
      await watched.passes(2 * minutes);
      expect(await watched.state()).toMatchObject({ health: "healthy", condition: ready, unseen: [] });
    },
  );

  it("events: a failure is told at once, without what they would have added", async () => {
    refuse("Event");
    void watched.run();
    await watched.passes(10 * seconds);
    watched.breakDown("crashes");
    await watched.scene.clock.sleep(10 * seconds);
    expect(await watched.state()).toMatchObject({ health: "failed", condition: { type: "STARTED" }, unseen: unseen("Event") });
  });

  it("pods: nothing is claimed of any deployment", async () => {
    void watched.run();
    await watched.passes(10 * seconds);
    refuse("Pod");
    await watched.passes(9 * minutes);
    expect(await watched.state()).toMatchObject({ health: "unknown", condition: { status: "Unknown", reason: "NotObserved" } });
  });
});

describe("a cluster that refuses to tell of one kind, looked at once a minute", () => {
  const run = async () => {
    const { scene, log } = watched;
    await scene.clock.sleep(1 * minutes);
    const own = { workflows: new MemoryWorkflows(), watches: scene.record.watches, startWatch: async () => {} };
    await sync(["local"], {
      ...scene.ports,
      ...own,
      log: { warn: (...given) => log.warn(...given) },
      freshness: "minute" as FreshnessMode,
    });
  };

  it.each(["HorizontalPodAutoscaler", "ReplicaSet", "Service", "PodDisruptionBudget"] as const)("%s: the others are seen", async (kind) => {
    refuse(kind);
    watched.breakDown("crashes");
    await run();
    expect(await watched.state()).toMatchObject({ health: "failed", unseen: unseen(kind) });
    expect(watched.log.lines.map(({ message }) => message)).toContainEqual(expect.stringContaining(words(kind)));
  });

  it("events: what they would explain is told without them", async () => {
    refuse("Event");
    watched.breakDown("crashes");
    await run();
    expect(await watched.state()).toMatchObject({ health: "failed", unseen: unseen("Event") });
  });

  it("pods: nothing new is claimed, and it is logged why", async () => {
    await run();
    const before = (await watched.state()).observed_at;
    refuse("Pod");
    await run();
    expect((await watched.state()).observed_at).toBe(before);
    expect(watched.log.lines.map(({ message }) => message)).toContainEqual(expect.stringContaining(words("Pod")));
  });
});

describe("a cluster that refuses to tell of one kind, asked for a live state", () => {
  const live = async () => {
    const { scene } = watched;
    const head = await scene.head();
    return describeState(head, await lookLive(scene.ports, head, await scene.record.observed(scene.uid)), scene.clock.now());
  };

  it("routes: it says so", async () => {
    refuse("HTTPRoute");
    expect(await live()).toMatchObject({ condition: { reason: "Forbidden" }, unseen: unseen("HTTPRoute") });
  });

  it("events: it says so where something is wrong, and asks for none elsewhere", async () => {
    refuse("Event");
    expect((await live()).unseen).toEqual([]);
    watched.breakDown("crashes");
    expect(await live()).toMatchObject({ health: "failed", unseen: unseen("Event") });
  });

  it("pods: it is refused", async () => {
    refuse("Pod");
    await expect(live()).rejects.toThrow(words("Pod"));
  });
});
