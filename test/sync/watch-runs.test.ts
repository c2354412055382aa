import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubernetesError } from "../../lambdas/ports/cluster.ts";
import type { WatchStart } from "../../lambdas/ports/watches.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

let { scene, started, run, passes, state, breakDown, end } = {} as WatchedCluster;
beforeEach(async () => {
  ({ scene, started, run, passes, state, breakDown, end } = await watchedCluster());
});
afterEach(() => end());

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
