import { type Mode, predictor } from "./deployment.ts";
import { ended, type Operation, type Switched, until } from "./switched.ts";

export interface Scenario {
  name: string;
  /** Nothing serves for a part of it, and callers are told so. */
  stops?: boolean;
  /** Takes long, and is left out where there is little time. */
  isLong?: boolean;
  /** Errors: the operation did something else than what is to be measured. */
  play(switched: Switched): Promise<void>;
}

let revisions = 0;
function nextGreeting(): string {
  revisions += 1;
  return `revision-${revisions}`;
}

/** In this order: each finds what the one before has left, or what it has left itself. */
export const scenarios: Scenario[] = [
  { name: "all at once", play: (switched) => update(switched, { strategy: "all_at_once" }) },
  { name: "warm rollback", play: rollBack },
  { name: "canary", play: (switched) => update(switched, { strategy: "canary", percent: 25, bake_seconds: 3 }) },
  { name: "linear", isLong: true, play: (switched) => update(switched, { strategy: "linear", step_percent: 34, bake_seconds: 2 }) },
  { name: "abort in mid-canary", play: abort },
  { name: "a revision that crashes", play: (switched) => update(switched, { strategy: "all_at_once" }, "crash", "FAILED") },
  { name: "a smoke test that fails", play: (switched) => update(switched, { strategy: "all_at_once" }, "wrong", "FAILED") },
  { name: "a canary that errs", isLong: true, play: judgedCanary },
  { name: "the old slot is not kept warm", play: (switched) => update(switched, { strategy: "all_at_once", warm_seconds: 0 }) },
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

function change(switched: Switched, rollout: object, mode: Mode): Promise<Operation> {
  return switched.update({ predictor: predictor(nextGreeting(), mode), rollout: { ...defaults, ...rollout } });
}

async function update(switched: Switched, rollout: object, mode: Mode = "fine", outcome = "SUCCEEDED"): Promise<void> {
  await ended(switched, await change(switched, rollout, mode), outcome);
}

/** What is rolled back is not kept warm: a second time there is nothing to go back to before an update. */
async function rollBack(switched: Switched): Promise<void> {
  if ((await switched.slots()) < 2) await update(switched, { strategy: "all_at_once" });
  const { steps } = await ended(switched, await switched.rollBack(), "SUCCEEDED");
  if (steps[0]?.name !== "EnsureCapacity") throw new Error(`the rollback was not to a warm slot: ${JSON.stringify(steps)}`);
}

async function abort(switched: Switched): Promise<void> {
  const operation = await change(switched, { strategy: "canary", percent: 50, bake_seconds: 60 }, "fine");
  await until(async () => ((await switched.step()) === "Bake" ? true : undefined));
  await switched.abort(operation.id);
  await until(async () => ((await switched.slots()) === 1 ? true : undefined));
}

/** By the gateway's figures. */
async function judgedCanary(switched: Switched): Promise<void> {
  const auto_rollback = { error_rate_percent: 5, min_requests: 20 };
  await update(switched, { strategy: "canary", percent: 25, bake_seconds: 90, auto_rollback }, "sour", "ROLLED_BACK");
}

async function stopAndStart(switched: Switched): Promise<void> {
  await ended(switched, await switched.stop(), "SUCCEEDED");
  await ended(switched, await switched.start(), "SUCCEEDED");
}
