import { describe, expect, it } from "vitest";
import { judgeAlerts } from "../../domain/alerts.ts";
import { recordObservation } from "../../domain/observation.ts";
import { aSlot } from "../doubles/deployments.ts";
import { ago, desired, observed, seen, serving, state } from "./seen-state.ts";

const measured = (requests: number, success_rate_percent: number) => ({
  ...{ at: ago(10), observed_seconds: 300, requests, requests_per_second: null, server_errors: null, client_errors: null },
  ...{ success_rate_percent, latency_p50_ms: null, latency_p95_ms: 20, latency_p99_ms: null },
});
const objectives = { error_rate_percent: 5, latency_p95_ms: null, min_requests: 50 };
const judged = (head: ReturnType<typeof serving>, success: number) => {
  const annotation = judgeAlerts(head, { at: ago(10), revision: 1, objectives, measured: measured(200, success) });
  return { ...head, alerts: annotation?.alerts ?? head.alerts ?? [] };
};
const sight = observed({ blue: seen() });

describe("a deployment that is monitored, and that nobody watches", () => {
  it("is degraded while an alert on what serves is raised, with what was measured, and healthy after it", () => {
    const head = serving();
    expect(state(head, sight)).toMatchObject({ health: "healthy", condition: { reason: "Ready" } });
    const alerted = judged(head, 80);
    expect(state(alerted, sight)).toMatchObject({
      status: "RUNNING",
      health: "degraded",
      condition: {
        ...{ type: "READY", status: "True", reason: "ErrorRateTooHigh", at: ago(10) },
        message: `revision 1 (blue) is ready, but 20 % of 200 requests were answered with an error; the objective is 5 % (alert since ${ago(10)})`,
      },
    });
    expect(state(judged(alerted, 100), sight)).toMatchObject({ health: "healthy", condition: { reason: "Ready" } });
  });

  it("has the alert in what is kept of its conditions", () => {
    const alerted = judged(serving(), 80);
    const kept = recordObservation(alerted, sight, { blue: seen() }, Date.parse(ago(0)));
    expect(kept.condition).toMatchObject({ type: "READY", status: "True", reason: "ErrorRateTooHigh" });
  });

  it("says what is worse first, and nothing of an alert on another revision", () => {
    const alerted = judged(serving(), 80);
    const crashed = observed({ blue: seen({ ready: 0, unready_since: ago(1) }) });
    expect(state(alerted, crashed).health).toBe("failed");
    expect(state(alerted, observed({ blue: seen() }, { observed_at: ago(600) })).health).toBe("unknown");
    const blue = aSlot({ revision: 2, role: "active", weight: 100, desired });
    const next = { ...alerted, slots: { blue, green: null }, revisions: { ...alerted.revisions, running: 2 } };
    expect(state(next, observed({ blue: seen({ revision: 2 }) }))).toMatchObject({ health: "healthy", condition: { reason: "Ready" } });
  });
});
