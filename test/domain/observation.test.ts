import { describe, expect, test } from "vitest";
import type { Condition } from "../../domain/condition.ts";
import type { Head } from "../../domain/deployment.ts";
import { leftBehind, recordObservation, worthSaving } from "../../domain/observation.ts";
import type { Observed, ObservedSlot } from "../../domain/observed.ts";
import { describeState } from "../../domain/state.ts";
import { aHead, aSlot } from "../doubles/deployments.ts";

const start = Date.parse("2026-11-21T10:00:00.000Z");
const instant = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const short = ({ type, status, reason }: Condition) => `${type} ${status} ${reason}`;

const starting = (epoch = 1): Head =>
  aHead({
    epoch,
    started_once: true,
    slots: { blue: aSlot({ epoch }), green: null },
    active_operation: {
      id: "O",
      kind: "START",
      revision: 1,
      slot: "blue",
      actor: "ada",
      started_at: instant(0),
      deadline: instant(600),
      step: "AwaitReady",
      steps: [],
    },
  });
const serving = (): Head => aHead({ epoch: 1, started_once: true, slots: { blue: aSlot({ role: "active", weight: 100 }), green: null } });

/** What judgeSlot gives: dated by the look. */
function look(seconds: number, type: Condition["type"], status: Condition["status"], reason: string, ready = 0, epoch = 1): ObservedSlot {
  return {
    revision: 1,
    epoch,
    components: { predictor: { desired: 1, ready, instances: [] }, transformer: null },
    condition: { type, status, reason, message: reason, at: instant(seconds) },
  };
}
const seenAfter = (head: Head, before: Observed | undefined, seconds: number, blue: ObservedSlot) =>
  recordObservation(head, before, { blue }, start + seconds * 1000);

describe("transitions", () => {
  test("a start's walk is kept newest first, with the stages that passed between two looks", () => {
    let seen = seenAfter(starting(), undefined, 1, look(1, "SCHEDULED", "Unknown", "Pending"));
    seen = seenAfter(starting(), seen, 2, look(2, "SCHEDULED", "Unknown", "Pending"));
    seen = seenAfter(starting(), seen, 3, look(3, "STARTED", "Unknown", "Starting"));
    seen = seenAfter(starting(), seen, 4, look(4, "READY", "True", "Ready", 1));
    expect(seen.transitions.map((one) => `${short(one)} ${one.at}`)).toEqual([
      `READY Unknown AwaitingVerification ${instant(4)}`,
      `STARTED True Started ${instant(4)}`,
      `STARTED Unknown Starting ${instant(3)}`,
      `INITIALIZED True Initialized ${instant(3)}`,
      `SCHEDULED True Scheduled ${instant(3)}`,
      `SCHEDULED Unknown Pending ${instant(1)}`,
    ]);
    expect(seen.condition).toMatchObject({ reason: "AwaitingVerification", at: instant(4) });
    const verified = seenAfter(serving(), seen, 5, look(5, "READY", "True", "Ready", 1));
    expect(verified.transitions.map(short)).toEqual(["READY True Ready"]);
    expect(leftBehind(seen, verified)).toEqual({ first: 0, transitions: seen.transitions.toReversed() });
  });

  test("the same condition keeps its time; its words may change", () => {
    const first = seenAfter(starting(), undefined, 1, look(1, "STARTED", "False", "Error"));
    const again = { ...look(9, "STARTED", "False", "Error") };
    const second = seenAfter(starting(), first, 9, { ...again, condition: { ...again.condition, message: "restarted twice" } });
    expect(second.condition).toMatchObject({ at: instant(1), message: "restarted twice" });
    expect(second.slots.blue?.condition.at).toBe(instant(1));
    expect(second.transitions).toHaveLength(first.transitions.length);
  });

  test("a step back is no passed stage", () => {
    const up = seenAfter(serving(), undefined, 1, look(1, "READY", "True", "Ready", 1));
    const down = seenAfter(serving(), up, 2, look(2, "STARTED", "False", "OOMKilled"));
    expect(down.transitions.slice(0, 2).map(short)).toEqual(["STARTED False OOMKilled", "READY True Ready"]);
  });

  test("another operation begins its walk anew", () => {
    const first = seenAfter(starting(), undefined, 1, look(1, "INITIALIZED", "Unknown", "Pulling"));
    const second = seenAfter(starting(2), first, 2, look(2, "INITIALIZED", "Unknown", "Pulling", 0, 2));
    expect(second.transitions.slice(0, 3).map(short)).toEqual([
      "INITIALIZED Unknown Pulling",
      "SCHEDULED True Scheduled",
      "INITIALIZED Unknown Pulling",
    ]);
  });

  test("few lie beside the observation; the others are left behind, each once and in order", () => {
    let seen: Observed | undefined;
    const left: Condition[] = [];
    for (let index = 0; index < 150; index++) {
      const before = seen;
      seen = seenAfter(starting(), before, index, look(index, "STARTED", "False", index % 2 ? "Error" : "OOMKilled"));
      const kept = leftBehind(before, seen);
      if (!kept) continue;
      expect(kept.first).toBe(left.length);
      left.push(...kept.transitions);
      expect(seen.earlier).toBe(left.length);
    }
    expect(JSON.stringify(seen?.transitions).length).toBeLessThan(1000);
    const all = [...left, ...(seen?.transitions.toReversed() ?? [])];
    expect(all.slice(2).map(({ at }) => at)).toEqual(Array.from({ length: 150 }, (_, index) => instant(index)));
  });

  test("stages that are behind keep their times when their transitions have been left behind", () => {
    let seen = seenAfter(starting(), undefined, 1, look(1, "SCHEDULED", "Unknown", "Pending"));
    seen = seenAfter(starting(), seen, 3, look(3, "STARTED", "Unknown", "Starting"));
    for (let index = 4; index < 20; index++) seen = seenAfter(starting(), seen, index, look(index, "STARTED", "False", `E${index}`));
    expect(describeState(starting(), seen, start + 20_000).conditions.map(({ type, status, at }) => `${type} ${status} ${at}`)).toEqual([
      `SCHEDULED True ${instant(3)}`,
      `INITIALIZED True ${instant(3)}`,
      `STARTED False ${instant(19)}`,
    ]);
  });
});

describe("a slot that was ready before its deployment's walk began", () => {
  /** Revision 1 became ready at 4 s and serves again at 100 s: by another operation, in the slot that it was kept in. */
  const before = seenAfter(serving(), undefined, 4, look(4, "READY", "True", "Ready", 1));
  const back: Head = { ...serving(), epoch: 3 };
  const since = (seen: Observed, seconds: number) =>
    describeState(back, seen, start + seconds * 1000).conditions.map(({ type, at }) => `${type} ${at}`);

  test("had passed its stages before that, whoever looked when", () => {
    const again = seenAfter(back, before, 100, look(100, "READY", "True", "Ready", 1));
    const times = ["SCHEDULED", "INITIALIZED", "STARTED", "READY"].map((type) => `${type} ${instant(4)}`);
    expect(since(again, 100)).toEqual(times);
    expect(since(seenAfter(back, again, 160, look(160, "READY", "True", "Ready", 1)), 160)).toEqual(times);
    expect(again.transitions[0]).toMatchObject({ type: "READY", at: instant(100) });
  });

  test("is not told by the stages of the one that had the traffic until then", () => {
    const others = { ...before, passed: { SCHEDULED: instant(50), INITIALIZED: instant(51), STARTED: instant(52) } };
    expect(since(others, 100).at(-2)).toBe(`STARTED ${instant(4)}`);
  });

  test("has passed all of them, however far the one got that was to follow it", () => {
    const failed = { ...before, passed: { SCHEDULED: instant(50) } };
    expect(since(failed, 100)).toHaveLength(4);
  });
});

describe("slots", () => {
  test("the time without a ready instance runs through changing causes and ends with the first", () => {
    let seen = seenAfter(serving(), undefined, 0, look(0, "READY", "True", "Ready", 1));
    expect(seen.slots.blue?.unready_since).toBeNull();
    seen = seenAfter(serving(), seen, 10, look(10, "STARTED", "False", "Error"));
    seen = seenAfter(serving(), seen, 20, look(20, "STARTED", "False", "CrashLoopBackOff"));
    expect(seen.slots.blue?.unready_since).toBe(instant(10));
    seen = seenAfter(serving(), seen, 30, look(30, "READY", "True", "Ready", 1));
    expect(seen.slots.blue?.unready_since).toBeNull();
  });

  test("one that was not looked at stays as it was, while HEAD still names it", () => {
    const first = seenAfter(serving(), undefined, 1, look(1, "READY", "True", "Ready", 1));
    expect(recordObservation(serving(), first, {}, start + 2000).slots.blue).toEqual(first.slots.blue);
    expect(recordObservation(starting(2), first, {}, start + 2000).slots.blue).toBeNull();
    expect(recordObservation(serving(), first, { blue: null }, start + 2000).slots.blue).toBeNull();
  });
});

describe("worth a write", () => {
  const first = seenAfter(serving(), undefined, 0, look(0, "READY", "True", "Ready", 1));

  test("is what changed, and a time of looking that grows old", () => {
    expect(worthSaving(undefined, first, 60)).toBe(true);
    expect(worthSaving(first, seenAfter(serving(), first, 59, look(59, "READY", "True", "Ready", 1)), 60)).toBe(false);
    expect(worthSaving(first, seenAfter(serving(), first, 60, look(60, "READY", "True", "Ready", 1)), 60)).toBe(true);
    expect(worthSaving(first, seenAfter(serving(), first, 1, look(1, "STARTED", "False", "Error")), 60)).toBe(true);
  });
});
