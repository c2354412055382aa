import type { Annotation } from "./decision.ts";
import type { Head } from "./deployment.ts";
import { History } from "./history.ts";
import type { MetricPoint } from "./metrics.ts";
import type { Specification } from "./specification.ts";
import { hasLimits } from "./traffic-limits.ts";

/** What a deployment that is monitored promises its callers, and whether it keeps to it. */

export const alertNames = ["ErrorRateTooHigh", "LatencyTooHigh"] as const;
export type AlertName = (typeof alertNames)[number];

/** An objective that is not kept, until it is. */
export interface Alert {
  name: AlertName;
  since: string;
  /** Which did not keep it, and what was measured then. Absent in what was raised before they were kept. */
  revision?: number;
  message?: string;
}

export interface Objectives {
  /** null: any share of errors will do. */
  error_rate_percent: number | null;
  /** null: any latency will do. */
  latency_p95_ms: number | null;
  /** Fewer requests say nothing. */
  min_requests: number;
}

/** Of a revision that sets no limits for its own rollout. */
export const usualObjectives: Objectives = { error_rate_percent: 5, latency_p95_ms: null, min_requests: 50 };

/** How long what is judged lasted. */
export const judgedMilliseconds = 5 * 60_000;

/** What a revision is held to while it serves is what its rollout was held to; null when nobody asked for it. */
export function objectivesOf({ enable_monitoring, rollout }: Specification): Objectives | null {
  if (!enable_monitoring) return null;
  const given = rollout.auto_rollback;
  const { error_rate_percent, latency_p95_ms, min_requests } = given && hasLimits(given) ? given : usualObjectives;
  return { error_rate_percent, latency_p95_ms, min_requests };
}

export interface Finding {
  name: AlertName;
  /** null: too little was seen to say. */
  isKept: boolean | null;
  message: string;
}

/** Each objective by what was measured. One that there is none of is kept. */
export function judgeObjectives({ requests, success_rate_percent, latency_p95_ms }: MetricPoint, objectives: Objectives): Finding[] {
  const { error_rate_percent: most, latency_p95_ms: slowest, min_requests } = objectives;
  const isEnough = requests !== null && success_rate_percent !== null && requests >= min_requests;
  const errors = rounded(100 - (success_rate_percent ?? 0));
  const latency = rounded(latency_p95_ms ?? 0);
  return [
    {
      name: "ErrorRateTooHigh",
      isKept: most === null ? true : isEnough ? errors <= most : null,
      message: `${errors} % of ${requests} requests were answered with an error; the objective is ${most ?? "any"} %`,
    },
    {
      name: "LatencyTooHigh",
      isKept: slowest === null ? true : isEnough ? latency <= slowest : null,
      message: `95 % of ${requests} requests took up to ${latency} ms; the objective is ${slowest ?? "any"} ms`,
    },
  ];
}

export interface Judged {
  at: string;
  revision: number;
  /** null where nobody asked for it: whatever was raised is resolved. */
  objectives: Objectives | null;
  measured: MetricPoint;
}

const actor = "slipway";

/**
 * What changes by what was measured: an alert is told when it is raised, also on another revision than before, and when it is
 * resolved, and not in between. What nobody can say changes nothing: no traffic does not resolve an alert. undefined when
 * there is nothing to tell.
 */
export function judgeAlerts(head: Head, { at, revision, objectives, measured }: Judged): Annotation | undefined {
  const before = head.alerts ?? [];
  const history = new History(head, actor, at);
  const findings = objectives ? judgeObjectives(measured, objectives) : [];
  const said = { revision, measured: figuresOf(measured), objectives };
  const isKnown = (name: AlertName) => before.some((alert) => alert.name === name && (alert.revision ?? revision) === revision);
  const raised = findings.filter(({ name, isKept }) => isKept === false && !isKnown(name));
  for (const { name, message } of raised) history.add("Alert Raised", `${name}: ${message}`, null, { alert: name, since: at, ...said });
  const resolved = before.filter(({ name }) => !objectives || findings.some((each) => each.name === name && each.isKept === true));
  for (const alert of resolved) {
    const message = findings.find(({ name }) => name === alert.name)?.message ?? "the revision that serves is not monitored";
    tellResolved(history, alert, message, said);
  }
  if (history.events.length === 0) return undefined;
  const kept = before.filter((alert) => !resolved.includes(alert) && !raised.some(({ name }) => name === alert.name));
  const alerts = [...kept, ...raised.map(({ name, message }) => ({ name, since: at, revision, message }))];
  return { before: head, alerts, events: history.events };
}

/** Of a deployment that serves no more: nobody is to wait for the end of its alerts. */
export function endAlerts(history: History, head: Head): void {
  for (const alert of head.alerts ?? []) tellResolved(history, alert, "nothing of the deployment serves any more", {});
}

function tellResolved(history: History, { name, since }: Alert, message: string, said: Record<string, unknown>): void {
  history.add("Alert Resolved", `${name}: ${message}`, { alert: name, since }, { alert: name, since, ...said });
}

const figuresOf = ({ requests, success_rate_percent, latency_p95_ms }: MetricPoint) => ({
  requests,
  error_rate_percent: success_rate_percent === null ? null : rounded(100 - success_rate_percent),
  latency_p95_ms,
});

const rounded = (value: number): number => Math.round(value * 100) / 100;
