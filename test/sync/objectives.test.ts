import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { entryName } from "../../domain/manifests/route.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { minutes, seconds, type WatchedCluster, watchedCluster } from "./watched-cluster.ts";

const limits = { error_rate_percent: 5, latency_p95_ms: null, min_requests: 50, alarms: [] };
let watched: WatchedCluster;
let service: string;
let requests: number;
let errors: number;

beforeEach(async () => {
  watched = await watchedCluster({ rollout: { ...aSpecification().rollout, auto_rollback: limits } });
  const head = watched.scene.record.heads_.get(watched.scene.uid);
  if (!head?.slots.blue) throw new Error("nothing serves");
  head.place.gateway.metrics = { dialect: "traefik", namespace: "gateway", service: "metrics", port: 9100, path: "/metrics" };
  service = entryName(head, head.slots.blue);
  [requests, errors] = [0, 0];
});
afterEach(() => watched.end());

/** So many requests in each half minute, of which so many fail. */
async function asked(halfMinutes: number, each: number, failing: number): Promise<void> {
  for (let half = 0; half < halfMinutes; half += 1) {
    requests += each;
    errors += failing;
    watched.scene.counted.set(service, { "gateway-0": { requests, client_errors: 0, errors, latency: [] } });
    await watched.passes(30 * seconds);
  }
}
const told = () => (watched.scene.record.events_.get(watched.scene.uid) ?? []).filter(({ type }) => type.startsWith("Objective"));

describe("what answers worse than its objective", () => {
  it("is degraded with the numbers, and healthy when it answers well again; both are told once", async () => {
    void watched.run("always", 60 * minutes);
    await asked(4, 100, 0);
    expect(await watched.state()).toMatchObject({ health: "healthy", condition: { reason: "Ready" } });
    await asked(4, 100, 20);
    expect(await watched.state()).toMatchObject({
      status: "RUNNING",
      health: "degraded",
      condition: { type: "READY", status: "True", reason: "ErrorRateTooHigh", message: expect.stringMatching(/revision 1 \(blue\).* 5 %/) },
    });
    await asked(8, 100, 0);
    expect(await watched.state()).toMatchObject({ health: "healthy", condition: { reason: "Ready" } });
    expect(told().map(({ type }) => type)).toEqual(["Objective Missed", "Objective Met"]);
    expect(told()[0]?.after).toMatchObject({ slot: "blue", revision: 1, missed: { reason: "ErrorRateTooHigh" } });
  });

  it("is judged by nothing that was counted before the watch began", async () => {
    [requests, errors] = [10_000, 10_000];
    await asked(1, 0, 0);
    void watched.run("always", 60 * minutes);
    await asked(12, 100, 0);
    expect(told()).toEqual([]);
  });

  it("is written of once a minute while it lasts", async () => {
    void watched.run("always", 60 * minutes);
    await asked(6, 100, 20);
    const { version = 0 } = (await watched.scene.record.observed(watched.scene.uid)) ?? {};
    await asked(20, 100, 20);
    const writes = ((await watched.scene.record.observed(watched.scene.uid))?.version ?? 0) - version;
    expect(writes).toBeGreaterThanOrEqual(5);
    expect(writes).toBeLessThanOrEqual(11);
    expect(told()).toHaveLength(1);
  });

  it("is not said any more when nobody has judged it for three minutes", async () => {
    const run = watched.run("always", 6 * minutes);
    await asked(10, 100, 20);
    expect((await watched.state()).health).toBe("degraded");
    await watched.passes(5 * minutes);
    await run;
    // Another who looks, and reads no gateway, finds all instances ready.
    const head = await watched.scene.head();
    const observed = await watched.scene.record.observed(watched.scene.uid);
    if (!observed) throw new Error("nothing was seen");
    await watched.scene.record.saveObserved(
      head.uid,
      { ...observed, observed_at: watched.scene.at, version: observed.version + 1 },
      observed,
    );
    expect((await watched.state()).health).toBe("healthy");
  });
});

describe("a gateway that does not tell", () => {
  it("is told of once, and changes nothing", async () => {
    watched.scene.figures.read = async () => {
      throw new Error("no pod is ready behind the gateway's Service");
    };
    void watched.run("always", 60 * minutes);
    await asked(10, 100, 100);
    expect((await watched.state()).health).toBe("healthy");
    expect(watched.log.lines.filter((line) => JSON.stringify(line).includes("does not tell what it counts"))).toHaveLength(1);
  });
});
