import { describe, expect, test } from "vitest";
import { stateLimits } from "../../domain/state.ts";
import { aSlot } from "../doubles/deployments.ts";
import { ago, condition, observed, ready, seen, serving, short, state } from "./seen-state.ts";

describe("what serves", () => {
  test("is RUNNING and healthy when it was seen so", () => {
    const described = state(serving(), observed({ blue: seen() }));
    expect(described).toMatchObject({
      status: "RUNNING",
      health: "healthy",
      condition: ready,
      revisions: { running: 1 },
      observed_at: ago(5),
    });
  });

  test("is IDLE when it is ready with no instance", () => {
    const described = state(
      serving(),
      observed({ blue: seen({ ready: 0, desired: 0, condition: condition("READY", "True", "ScaledToZero") }) }),
    );
    expect(described).toMatchObject({ status: "IDLE", health: "healthy", condition: { type: "READY", status: "True" } });
  });

  test("is degraded with fewer instances than wanted, READY all the same, and says why", () => {
    const described = state(serving(), observed({ blue: seen({ ready: 1, condition: condition("STARTED", "False", "OOMKilled") }) }));
    expect(described).toMatchObject({ status: "RUNNING", health: "degraded" });
    expect(short(described.condition)).toBe("READY True Degraded");
    expect(described.condition.message).toContain("OOMKilled in words");
  });

  test.each([
    [stateLimits.restart, "degraded"],
    [stateLimits.restart + 1, "healthy"],
  ])("a restart %i s ago: %s", (restartedAgo, health) => {
    expect(state(serving(), observed({ blue: seen({ restarts: 3, restartedAgo }) })).health).toBe(health);
  });

  test.each([
    [stateLimits.gone, "RUNNING"],
    [stateLimits.gone + 1, "FAILED"],
  ])("without any ready instance for %i s: %s", (seconds, status) => {
    const current = condition("STARTED", "False", "CrashLoopBackOff");
    const described = state(serving(), observed({ blue: seen({ ready: 0, condition: current, unready_since: ago(seconds) }) }));
    expect(described).toMatchObject({ status, health: "failed", condition: current });
  });

  test.each([
    [stateLimits.stale, "healthy", "READY True Ready"],
    [stateLimits.stale + 1, "unknown", "READY Unknown NotObserved"],
  ])("seen %i s ago: %s, %s", (seconds, health, expected) => {
    const described = state(serving(), observed({ blue: seen() }, { observed_at: ago(seconds) }));
    expect([described.health, short(described.condition), described.status]).toEqual([health, expected, "RUNNING"]);
  });

  test("never looked at is unknown, not READY", () => {
    expect(state(serving())).toMatchObject({
      status: "RUNNING",
      health: "unknown",
      condition: { type: "READY", status: "Unknown" },
      observed_at: null,
    });
  });

  test("another revision's instances are not its own", () => {
    expect(state(serving(), observed({ blue: seen({ revision: 9 }) })).health).toBe("unknown");
  });

  test("predictor and transformer are counted apart, and both are needed", () => {
    const head = serving({
      slots: { blue: aSlot({ role: "active", weight: 100, desired: { predictor: 2, transformer: 1 } }), green: null },
    });
    const components = { predictor: { desired: 2, ready: 2, instances: [] }, transformer: { desired: 1, ready: 0, instances: [] } };
    const described = state(
      head,
      observed({ blue: seen({ components, condition: condition("STARTED", "False", "Error"), unready_since: ago(1) }) }),
    );
    expect(described).toMatchObject({
      health: "failed",
      instances: { predictor: { ready: 2, desired: 2 }, transformer: { ready: 0, desired: 1 } },
      slots: { blue: { ready: 2, desired: 3 } },
    });
  });
});
