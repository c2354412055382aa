import type { InputError } from "../domain/errors.ts";
import { plannedSeconds } from "../domain/rollout-plan.ts";
import type { RolloutPolicy } from "../domain/specification.ts";
import { hasLimits } from "../domain/traffic-limits.ts";

/** What spans the fields of a rollout policy: fields of another strategy, and waits that its deadline does not leave time for. */
export function rolloutErrors(policy: RolloutPolicy): InputError[] {
  const errors = [...strayFields(policy), ...missingFields(policy), ...nothingToJudgeBy(policy)].map(([field, message]) => ({
    path: `rollout.${field}`,
    message,
  }));
  return errors.length > 0 ? errors : deadlineErrors(policy);
}

type Fault = [field: string, message: string];
const owners = { percent: ["canary"], step_percent: ["linear"], bake_seconds: ["canary", "linear"] } as const;

function strayFields(policy: RolloutPolicy): Fault[] {
  const { strategy } = policy;
  const stray = (Object.keys(owners) as (keyof typeof owners)[])
    .filter((field) => policy[field] !== undefined && !(owners[field] as readonly string[]).includes(strategy))
    .map((field): Fault => [field, `belongs to ${owners[field].join(" and ")}; the strategy is ${strategy}: leave it out`]);
  if (strategy !== "recreate") return stray;
  if (policy.final_bake_seconds > 0) stray.push(["final_bake_seconds", "recreate leaves nothing to go back to: give 0"]);
  if (policy.manual_promotion) stray.push(["manual_promotion", "recreate moves no traffic from one slot to another: give false"]);
  return stray;
}

function missingFields({ strategy, percent, step_percent }: RolloutPolicy): Fault[] {
  if (strategy === "canary" && percent === undefined)
    return [["percent", "a canary needs the share of the traffic that it gets first, in percent"]];
  if (strategy === "linear" && step_percent === undefined)
    return [["step_percent", "linear needs the share of the traffic that each step adds, in percent"]];
  return [];
}

/** An automatic rollback that nothing can bring about is a mistake, and would be found out too late. */
function nothingToJudgeBy({ auto_rollback: given }: RolloutPolicy): Fault[] {
  if (!given || hasLimits(given) || given.alarms.length > 0) return [];
  return [["auto_rollback", "there is nothing to judge by: give error_rate_percent, latency_p95_ms or alarms, or null for none of them"]];
}

function deadlineErrors(policy: RolloutPolicy): InputError[] {
  const planned = plannedSeconds(policy);
  if (planned < policy.deadline_seconds) return [];
  const message = `bakes take ${planned} s together: give more than that`;
  return [{ path: "rollout.deadline_seconds", message, given: policy.deadline_seconds }];
}
