import { describe, expect, test } from "vitest";
import { type Evidence, judge } from "../../domain/judgement.ts";
import type { Instance, ObservedSlot } from "../../domain/observed.ts";
import type { Component } from "../../domain/words.ts";
import { aSlot } from "../doubles/deployments.ts";

const now = Date.parse("2026-11-21T09:12:03.120Z");
const at = new Date(now).toISOString();

const instances = (component: Component, count: number, over: Partial<Instance> = {}): Instance[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${component}-${index}`,
    ...{ component, slot: "green", revision: 4, phase: "Running", ready: true, restarts: 0, node: "node-1", started_at: at },
    ...{ resources: null, last_termination: null },
    ...over,
  }));

/** Three predictors and one transformer are wanted; so many are ready. */
function evidence(ready: { predictor: number; transformer: number }, over: Partial<Evidence> = {}, last: Partial<Instance> = {}): Evidence {
  const seen: ObservedSlot = {
    revision: 4,
    epoch: 7,
    condition: {
      type: "READY",
      status: "False",
      reason: "ContainersNotReady",
      message: "transformer of revision 4 (green): not ready",
      at,
    },
    components: {
      predictor: { desired: 3, ready: ready.predictor, instances: instances("predictor", 3) },
      transformer: { desired: 1, ready: ready.transformer, instances: instances("transformer", 1, last) },
    },
  };
  const record = aSlot({ revision: 4, epoch: 7, weight: 50, desired: { predictor: 3, transformer: 1 } });
  return { record, seen, restarts_before: 0, short_since: now, figures: undefined, alarms: {}, smoke_test_failure: undefined, ...over };
}

describe("a slot with a transformer", () => {
  test("may miss one of several instances for a moment", () => {
    expect(judge(evidence({ predictor: 2, transformer: 1 }), null, now)).toMatchObject({ passed: true, ready: 3, desired: 4 });
  });

  test("may not miss all of either component, however many the other has", () => {
    const message = "3 of 4 instances are ready: transformer of revision 4 (green): not ready";
    expect(judge(evidence({ predictor: 3, transformer: 0 }), null, now)).toMatchObject({ passed: false, reason: "ReadinessLost", message });
    expect(judge(evidence({ predictor: 0, transformer: 1 }), null, now)).toMatchObject({ passed: false, reason: "ReadinessLost" });
  });

  test("that was restarted says which of its components was", () => {
    const last = { restarts: 1, last_termination: { reason: "Error", exit_code: 4, signal: null, message: null, at } };
    const judgement = judge(evidence({ predictor: 3, transformer: 1 }, { short_since: null }, last), null, now);
    expect(judgement.message).toBe("its containers were restarted once while it had traffic: transformer, Error, exit code 4");
  });
});

describe("what nobody could judge", () => {
  const policy = { error_rate_percent: 1, latency_p95_ms: null, min_requests: 50, alarms: [] };
  const well = { predictor: 3, transformer: 1 };

  test("is said where it was to be judged", () => {
    expect(judge(evidence(well), policy, now)).toMatchObject({ passed: true, message: expect.stringContaining("were not judged") });
  });

  test("is not missed where alarms alone were to judge", () => {
    const byAlarms = { ...policy, error_rate_percent: null, alarms: ["revenue"] };
    const judged = (state: "OK" | "ALARM") => judge(evidence(well, { short_since: null, alarms: { revenue: state } }), byAlarms, now);
    expect(judged("OK")).toMatchObject({ passed: true, message: "" });
    expect(judged("ALARM")).toMatchObject({ passed: false, reason: "AlarmRaised", message: "in ALARM: revenue", alarms: ["revenue"] });
  });
});
