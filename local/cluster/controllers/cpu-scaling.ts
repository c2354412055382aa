import type { Autoscaler, ScalingRules } from "../objects/autoscaler.ts";
import type { Deployment } from "../objects/workloads.ts";

/** Cores in use by the ready pods of a deployment over those they request, as a ratio, and how many they are; undefined while unknown. */
export type CpuUtilization = (deployment: Deployment) => { ratio: number; pods: number } | undefined;

/** Within this of the target nothing is changed. */
const tolerance = 0.1;
const defaultDownWindow = 300;

export interface Recommendation {
  at: number;
  replicas: number;
}

/** Replicas by the documented formula `ceil(pods * current / target)`; undefined without a cpu metric or measurements. */
export function desiredByCpu(autoscaler: Autoscaler, deployment: Deployment, cpu: CpuUtilization): number | undefined {
  const metric = autoscaler.spec.metrics?.find((each) => each.type === "Resource" && each.resource?.name === "cpu");
  const target = metric?.resource?.target.averageUtilization;
  const measured = target ? cpu(deployment) : undefined;
  if (!target || !measured || measured.pods === 0) return undefined;
  const share = measured.ratio / (target / 100);
  return Math.abs(share - 1) <= tolerance ? deployment.spec.replicas : Math.ceil(measured.pods * share);
}

/** Applies `selectPolicy: Disabled` and the stabilization windows of both directions. */
export function stabilized(
  autoscaler: Autoscaler,
  current: number,
  wanted: number,
  history: Map<string, Recommendation[]>,
  key: string,
): number {
  const { scaleUp = {}, scaleDown = {} } = autoscaler.spec.behavior ?? {};
  const now = Date.now();
  const downWindow = windowOf(scaleDown, defaultDownWindow);
  const upWindow = windowOf(scaleUp, 0);
  const kept = (history.get(key) ?? []).filter(({ at }) => at > now - Math.max(downWindow, upWindow));
  const all = [...kept, { at: now, replicas: wanted }];
  history.set(key, all);
  const within = (window: number) => all.filter(({ at }) => at >= now - window).map(({ replicas }) => replicas);
  const highest = Math.max(wanted, ...within(downWindow));
  const lowest = Math.min(wanted, ...within(upWindow));
  const stable = Math.min(highest, Math.max(lowest, current));
  if (stable > current && scaleUp.selectPolicy === "Disabled") return current;
  return stable < current && scaleDown.selectPolicy === "Disabled" ? current : stable;
}

function windowOf(rules: ScalingRules, fallback: number): number {
  return (rules.stabilizationWindowSeconds ?? fallback) * 1000;
}
