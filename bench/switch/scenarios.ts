import type { RunningSystem } from "../running-system.ts";
import { atStep, ended, id, type Mode, type Operation, predictor } from "./deployment.ts";

export interface Scenario {
  name: string;
  /** Nothing serves for a part of it, and callers are told so. */
  stops?: boolean;
  /** Takes long, and is left out where there is little time. */
  isLong?: boolean;
  /** Errors: the system did something else than what is to be measured. */
  play(system: RunningSystem): Promise<void>;
}

let revisions = 0;
function nextGreeting(): string {
  revisions += 1;
  return `revision-${revisions}`;
}

/** In this order: each finds what the one before has left. */
export const scenarios: Scenario[] = [
  { name: "all at once", play: (system) => update(system, { strategy: "all_at_once" }) },
  { name: "warm rollback", play: rollBack },
  { name: "canary", play: (system) => update(system, { strategy: "canary", percent: 25, bake_seconds: 3 }) },
  { name: "linear", isLong: true, play: (system) => update(system, { strategy: "linear", step_percent: 34, bake_seconds: 2 }) },
  { name: "abort in mid-canary", play: abort },
  { name: "a revision that crashes", play: (system) => update(system, { strategy: "all_at_once" }, "crash", "FAILED") },
  { name: "a smoke test that fails", play: (system) => update(system, { strategy: "all_at_once" }, "wrong", "FAILED") },
  { name: "a canary that errs", isLong: true, play: judgedCanary },
  { name: "the old slot is not kept warm", play: (system) => update(system, { strategy: "all_at_once", warm_seconds: 0 }) },
  { name: "stop and start", stops: true, isLong: true, play: stopAndStart },
];

const defaults = {
  strategy: "all_at_once",
  percent: null,
  step_percent: null,
  bake_seconds: null,
  warm_seconds: null,
  auto_rollback: null,
};

async function change(system: RunningSystem, rollout: object, mode: Mode): Promise<Operation> {
  const body = { predictor: predictor(nextGreeting(), mode), rollout: { ...defaults, ...rollout } };
  return (await system.call("PATCH", `/v1/deployments/${id}`, body)).operation;
}

async function update(system: RunningSystem, rollout: object, mode: Mode = "fine", outcome = "SUCCEEDED"): Promise<void> {
  await ended(system, (await change(system, rollout, mode)).id, outcome);
}

async function rollBack(system: RunningSystem): Promise<void> {
  const { operation } = await system.call("POST", `/v1/deployments/${id}/rollback`, {});
  const { steps } = await ended(system, operation.id, "SUCCEEDED");
  if (steps[0]?.name !== "EnsureCapacity") throw new Error(`the rollback was not to a warm slot: ${JSON.stringify(steps)}`);
}

async function abort(system: RunningSystem): Promise<void> {
  const operation = await change(system, { strategy: "canary", percent: 50, bake_seconds: 60 }, "fine");
  await atStep(system, "Bake");
  await system.call("POST", `/v1/operations/${operation.id}/abort`);
  await system.until(async () => {
    const { slots } = await system.call("GET", `/v1/deployments/${id}/state`);
    return Object.values(slots).filter(Boolean).length === 1 ? true : undefined;
  });
}

/** By the gateway's figures where they may be asked for, else by the smoke tests that are sent again each half minute. */
async function judgedCanary(system: RunningSystem): Promise<void> {
  const canary = { strategy: "canary", percent: 25, bake_seconds: 90 };
  const byFigures = { ...canary, auto_rollback: { error_rate_percent: 5, min_requests: 20 } };
  const operation = await change(system, byFigures, "sour").catch((error: Error) => {
    if (!error.message.includes("auto_rollback")) throw error;
    return change(system, canary, "sour");
  });
  await ended(system, operation.id, "ROLLED_BACK");
}

async function stopAndStart(system: RunningSystem): Promise<void> {
  for (const action of ["stop", "start"]) {
    const { operation } = await system.call("POST", `/v1/deployments/${id}/${action}`);
    await ended(system, operation.id, "SUCCEEDED");
  }
}
