import { describe, expect, test } from "vitest";
import type { Condition } from "../../domain/condition.ts";
import type { Head } from "../../domain/deployment.ts";
import type { Observed, ObservedSlot } from "../../domain/observed.ts";
import type { ActiveOperation, LastOperation } from "../../domain/operation.ts";
import { describeState, stateLimits } from "../../domain/state.ts";
import type { OperationKind } from "../../domain/words.ts";
import { aHead, aSlot, at } from "../doubles/deployments.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

const condition = (type: Condition["type"], status: Condition["status"], reason: string, age = 10): Condition => ({
  type,
  status,
  reason,
  message: `${reason} in words`,
  at: ago(age),
});
const ready = condition("READY", "True", "Ready");

function seen(
  over: Partial<ObservedSlot> & { ready?: number; desired?: number; restarts?: number; restartedAgo?: number } = {},
): ObservedSlot {
  const { ready: count = 2, desired = 2, restarts = 0, restartedAgo = 0, ...rest } = over;
  const last_termination = restarts > 0 ? { reason: "Error", exit_code: 1, signal: null, message: null, at: ago(restartedAgo) } : null;
  const instance = {
    name: "a",
    component: "predictor",
    slot: "blue",
    revision: 1,
    phase: "Running",
    ready: true,
    node: "n",
    started_at: at,
    resources: null,
  } as const;
  return {
    revision: 1,
    epoch: 1,
    condition: ready,
    unready_since: null,
    components: { predictor: { desired, ready: count, instances: [{ ...instance, restarts, last_termination }] }, transformer: null },
    ...rest,
  };
}

function observed(slots: Partial<Observed["slots"]>, over: Partial<Observed> = {}): Observed {
  const nothing = { version: 1, condition: null, passed: {}, transitions: [], earlier: 0 };
  return { epoch: 1, observed_at: ago(5), ...nothing, slots: { blue: null, green: null, ...slots }, ...over };
}

const desired = { predictor: 2, transformer: null };
const serving = (over: Partial<Head> = {}): Head =>
  aHead({
    started_once: true,
    epoch: 1,
    slots: { blue: aSlot({ role: "active", weight: 100, desired }), green: null },
    revisions: { latest: 1, wanted: 1, running: 1, served: [] },
    ...over,
  });

const operation = (kind: OperationKind, over: Partial<ActiveOperation> = {}): ActiveOperation => ({
  id: "O",
  kind,
  revision: 2,
  slot: "green",
  actor: "ada",
  started_at: ago(60),
  deadline: ago(-600),
  step: "AwaitReady",
  steps: [],
  ...over,
});
const starting = (): Head =>
  aHead({
    started_once: true,
    epoch: 1,
    slots: { blue: aSlot({ desired }), green: null },
    active_operation: operation("START", { revision: 1, slot: "blue" }),
  });
const updating = (): Head =>
  serving({
    epoch: 2,
    slots: { blue: aSlot({ role: "active", weight: 100, desired }), green: aSlot({ revision: 2, epoch: 2, desired }) },
    revisions: { latest: 2, wanted: 2, running: 1, served: [] },
    active_operation: operation("UPDATE"),
  });
const last = (over: Partial<LastOperation> = {}): LastOperation => ({
  id: "L",
  kind: "START",
  outcome: "FAILED",
  revision: 1,
  cause: null,
  condition: null,
  ...over,
});

const state = (head: Head, what?: Observed) => describeState(head, what, now);
const short = ({ type, status, reason }: Condition) => `${type} ${status} ${reason}`;

describe("nothing runs", () => {
  test("never started", () => {
    const { status, condition: current, health, instances, revisions } = state(aHead());
    expect([status, short(current), health]).toEqual(["CREATED", "STOPPED True NeverStarted", null]);
    expect(instances).toEqual({ predictor: { ready: 0, desired: 0 }, transformer: null });
    expect(revisions).toEqual({ wanted: 1, running: null });
  });

  test("stopped", () => {
    const {
      status,
      condition: current,
      health,
    } = state(aHead({ started_once: true, last_operation: last({ kind: "STOP", outcome: "SUCCEEDED" }) }));
    expect([status, short(current), health]).toEqual(["STOPPED", "STOPPED True Stopped", null]);
  });

  test("the failed start's condition stays, with its time", () => {
    const kept = condition("INITIALIZED", "False", "ImagePullBackOff", 4000);
    const { status, condition: current, health } = state(aHead({ started_once: true, last_operation: last({ condition: kept }) }));
    expect([status, health]).toEqual(["FAILED", "failed"]);
    expect(current).toEqual(kept);
  });

  test("without a condition the cause speaks", () => {
    const cause = { reason: "DeadlineExceeded", message: "too late" };
    const { condition: current } = state(aHead({ started_once: true, last_operation: last({ cause }) }));
    expect(current).toMatchObject({ type: "READY", status: "False", ...cause });
  });

  test("a failure before the last success is forgotten", () => {
    expect(state(serving({ last_operation: last({ kind: "UPDATE" }) }), observed({ blue: seen() })).status).toBe("RUNNING");
  });
});

describe("a first revision on its way", () => {
  test.each([
    [condition("SCHEDULED", "Unknown", "Pending"), "provisioning"],
    [condition("INITIALIZED", "Unknown", "Pulling"), "provisioning"],
    [condition("STARTED", "Unknown", "Starting"), "starting"],
    [condition("READY", "Unknown", "ContainersNotReady"), "starting"],
    [condition("SCHEDULED", "False", "Unschedulable"), "failed"],
    [condition("STARTED", "False", "CrashLoopBackOff"), "failed"],
  ] as const)("%o is %s", (current, health) => {
    const described = state(starting(), observed({ blue: seen({ condition: current, ready: 0 }) }));
    expect(described).toMatchObject({ status: "STARTING", health, condition: current, instances: { predictor: { ready: 0, desired: 2 } } });
  });

  test("before anything was seen it is being prepared", () => {
    expect(state(starting())).toMatchObject({
      status: "STARTING",
      health: "provisioning",
      condition: { type: "SCHEDULED", status: "Unknown", reason: "Preparing" },
    });
  });

  test("ready instances are not a revision that is READY: it has not been probed", () => {
    const described = state(starting(), observed({ blue: seen() }));
    expect(short(described.condition)).toBe("READY Unknown AwaitingVerification");
    expect(described.health).toBe("starting");
  });

  test("an old observation says nothing of health", () => {
    expect(
      state(starting(), observed({ blue: seen({ condition: condition("STARTED", "Unknown", "Starting") }) }, { observed_at: ago(900) }))
        .health,
    ).toBe("unknown");
  });

  test("what an earlier attempt's objects looked like does not count", () => {
    expect(short(state(starting(), observed({ blue: seen({ epoch: 7 }) })).condition)).toBe("SCHEDULED Unknown Preparing");
  });

  test("stages that are passed stand before the current one", () => {
    const passed = { SCHEDULED: ago(20) };
    const current = condition("INITIALIZED", "Unknown", "Pulling");
    expect(state(starting(), observed({ blue: seen({ condition: current }) }, { passed })).conditions.map(short)).toEqual([
      "SCHEDULED True Scheduled",
      "INITIALIZED Unknown Pulling",
    ]);
  });
});

describe("an update while one serves", () => {
  const failing = condition("INITIALIZED", "False", "ImagePullBackOff");
  const both = observed({ blue: seen(), green: seen({ revision: 2, epoch: 2, condition: failing, ready: 0 }) });

  test("speaks of the new revision, counts what serves, and keeps the slots apart", () => {
    expect(state(updating(), both)).toMatchObject({
      status: "UPDATING",
      condition: failing,
      health: "healthy",
      revisions: { wanted: 2, running: 1 },
      instances: { predictor: { ready: 2, desired: 2 } },
      slots: {
        blue: { revision: 1, role: "active", weight: 100, ready: 2, desired: 2 },
        green: { revision: 2, role: "preview", weight: 0, ready: 0, desired: 2 },
      },
    });
  });

  test("with the old one gone nothing is said to run", () => {
    const head = updating();
    const described = state({ ...head, slots: { ...head.slots, blue: null } }, both);
    expect(described).toMatchObject({
      status: "UPDATING",
      health: "failed",
      revisions: { running: null },
      instances: { predictor: { ready: 0 } },
    });
  });

  test("an update of what had failed is a start", () => {
    const head = updating();
    expect(state({ ...head, slots: { blue: null, green: head.slots.green }, revisions: { ...head.revisions, running: null } }).status).toBe(
      "STARTING",
    );
  });

  test("once the traffic has moved the new slot serves, READY as seen", () => {
    const head = updating();
    const slots = { blue: aSlot({ role: "warm", desired }), green: aSlot({ revision: 2, epoch: 2, role: "active", weight: 100, desired }) };
    const described = state({ ...head, slots }, observed({ green: seen({ revision: 2, epoch: 2 }) }));
    expect(described).toMatchObject({ revisions: { running: 2 }, condition: { type: "READY", status: "True" }, health: "healthy" });
  });
});

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

describe("stopping", () => {
  test.each([
    [null, "SCHEDULED Unknown Unscheduling"],
    ["TakeRouteAway", "SCHEDULED Unknown Unscheduling"],
    ["RetireSlot", "STOPPED Unknown Stopping"],
    ["CompleteShutdown", "STOPPED Unknown Stopping"],
  ])("in step %s: %s", (step, expected) => {
    const described = state(serving({ active_operation: operation("STOP", { slot: null, step }) }), observed({ blue: seen() }));
    expect([described.status, short(described.condition)]).toEqual(["STOPPING", expected]);
  });

  test("with the traffic gone there is no health to speak of", () => {
    const head = serving({
      slots: { blue: aSlot({ role: "warm", desired }), green: null },
      active_operation: operation("DELETE", { slot: null }),
    });
    expect(state(head, observed({ blue: seen() }))).toMatchObject({ status: "STOPPING", health: null, revisions: { running: null } });
  });
});
