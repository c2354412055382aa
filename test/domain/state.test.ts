import { describe, expect, test } from "vitest";
import { aHead, aSlot } from "../doubles/deployments.ts";
import { ago, condition, desired, last, observed, operation, seen, serving, short, starting, state, updating } from "./seen-state.ts";

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

  test.each([
    ["before it is verified", "SmokeTest", 0, "AwaitingVerification"],
    ["while it waits to be promoted", "Bake", 0, "AwaitingPromotion"],
    ["with a part of the traffic", "Bake", 50, "BeingJudged"],
    ["between two moves", "ShiftTraffic", 50, "BeingJudged"],
  ])("what is said of a ready successor %s", (_when, step, weight, reason) => {
    const head = updating();
    const slots = { ...head.slots, green: aSlot({ revision: 2, epoch: 2, desired, weight }) };
    const seenThen = observed({ blue: seen(), green: seen({ revision: 2, epoch: 2 }) });
    const described = state({ ...head, slots, active_operation: operation("UPDATE", { step }) }, seenThen);
    expect(short(described.condition)).toBe(`READY Unknown ${reason}`);
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
