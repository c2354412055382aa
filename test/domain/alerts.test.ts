import { describe, expect, it } from "vitest";
import { type Alert, judgeAlerts, type Objectives, objectivesOf, usualObjectives } from "../../domain/alerts.ts";
import type { MetricPoint } from "../../domain/metrics.ts";
import { beginOperation, endOperation } from "../../domain/operations.ts";
import { aHead, aSpecification } from "../doubles/deployments.ts";

const at = "2026-11-21T10:00:00.000Z";
const since = "2026-11-21T09:00:00.000Z";
const objectives: Objectives = { error_rate_percent: 1, latency_p95_ms: 500, min_requests: 50 };

const measured = (requests: number | null, success_rate_percent: number | null, latency_p95_ms: number | null): MetricPoint => ({
  ...{ at, observed_seconds: 300, requests, requests_per_second: null, server_errors: null, client_errors: null },
  ...{ success_rate_percent, latency_p50_ms: null, latency_p95_ms, latency_p99_ms: null },
});
const well = measured(1000, 99.9, 100);
const badly = measured(1000, 90, 900);

const judge = (alerts: Alert[], point: MetricPoint, by: Objectives | null = objectives) =>
  judgeAlerts(aHead({ alerts }), { at, revision: 3, objectives: by, measured: point });
const toldBy = (annotation: ReturnType<typeof judge>) => (annotation?.events ?? []).map(({ type, after }) => [type, after?.alert]);
const errors: Alert = { name: "ErrorRateTooHigh", since };
const slow: Alert = { name: "LatencyTooHigh", since };

describe("an alert", () => {
  it("is raised when an objective is missed, with what was measured", () => {
    const annotation = judge([], badly);
    expect(annotation?.alerts).toMatchObject([
      {
        ...{ name: "ErrorRateTooHigh", since: at, revision: 3 },
        message: "10 % of 1000 requests were answered with an error; the objective is 1 %",
      },
      { name: "LatencyTooHigh", since: at, revision: 3 },
    ]);
    expect(annotation?.events[0]).toMatchObject({
      type: "Alert Raised",
      message: "ErrorRateTooHigh: 10 % of 1000 requests were answered with an error; the objective is 1 %",
      after: { alert: "ErrorRateTooHigh", revision: 3, measured: { requests: 1000, error_rate_percent: 10 }, objectives },
    });
  });

  it("is told once, however long it lasts", () => {
    expect(judge([errors, slow], badly)).toBeUndefined();
  });

  it("is told again when it is another revision that does not keep the objective", () => {
    const before = { ...errors, revision: 2, message: "as it was" };
    const annotation = judge([before], measured(1000, 90, 100));
    expect(toldBy(annotation)).toEqual([["Alert Raised", "ErrorRateTooHigh"]]);
    expect(annotation?.alerts).toMatchObject([{ name: "ErrorRateTooHigh", since: at, revision: 3 }]);
  });

  it("is resolved when the objective is kept again, each on its own", () => {
    const annotation = judge([errors, slow], measured(1000, 100, 900));
    expect([toldBy(annotation), annotation?.alerts]).toEqual([[["Alert Resolved", "ErrorRateTooHigh"]], [slow]]);
    expect(annotation?.events[0]).toMatchObject({ before: { since }, after: { since } });
  });

  it.each([
    ["no traffic", measured(0, null, null)],
    ["too little traffic", measured(49, 10, 9000)],
    ["nothing seen", measured(null, null, null)],
  ])("is neither raised nor resolved by %s", (_what, point) => {
    expect(judge([], point)).toBeUndefined();
    expect(judge([errors, slow], point)).toBeUndefined();
  });

  it("is resolved when nobody asks for it any more, or any latency or share of errors will do", () => {
    expect(toldBy(judge([errors], badly, null))).toEqual([["Alert Resolved", "ErrorRateTooHigh"]]);
    expect(toldBy(judge([slow], well, { ...objectives, latency_p95_ms: null }))).toEqual([["Alert Resolved", "LatencyTooHigh"]]);
    const anyErrors = { ...objectives, error_rate_percent: null };
    expect(toldBy(judge([errors], measured(1000, 90, 100), anyErrors))).toEqual([["Alert Resolved", "ErrorRateTooHigh"]]);
  });

  it("says nothing while all is well", () => {
    expect(judge([], well)).toBeUndefined();
  });

  it("ends with the deployment", () => {
    const blue = { revision: 1, epoch: 1, role: "active", weight: 100, desired: { predictor: 1, transformer: null } } as const;
    const serving = aHead({ alerts: [errors], slots: { blue, green: null }, revisions: { latest: 1, wanted: 1, running: 1, served: [1] } });
    const stop = { kind: "STOP", operation_id: "STOP-1", actor: "ada@example.com", at, deadline_seconds: 600 } as const;
    const begun = beginOperation(serving, { ...stop, revision: null, target_revision: 1, strategy: "all_at_once", desired: blue.desired });
    const end = { operation_id: "STOP-1", outcome: "SUCCEEDED", cause: null, condition: null, at } as const;
    const { after, events } = endOperation(begun.after, end);
    expect(events.map(({ type }) => type)).toContain("Alert Resolved");
    expect(after.alerts).toEqual([]);
  });
});

describe("objectives", () => {
  const rollout = aSpecification().rollout;
  const auto_rollback = { ...objectives, alarms: [] };
  it("are those of the revision's rollout, or the usual ones, and none unless they are asked for", () => {
    expect(objectivesOf(aSpecification({ enable_monitoring: true, rollout: { ...rollout, auto_rollback } }))).toEqual(objectives);
    expect(objectivesOf(aSpecification({ enable_monitoring: true }))).toEqual(usualObjectives);
    expect(objectivesOf(aSpecification({ enable_monitoring: false }))).toBeNull();
  });

  it("are the usual ones where a rollout is judged by alarms alone", () => {
    const byAlarms = { ...auto_rollback, error_rate_percent: null, latency_p95_ms: null, alarms: ["revenue"] };
    expect(objectivesOf(aSpecification({ enable_monitoring: true, rollout: { ...rollout, auto_rollback: byAlarms } }))).toEqual(
      usualObjectives,
    );
  });
});
