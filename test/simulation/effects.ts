import { WorkflowError } from "../../domain/errors.ts";
import { NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import { type Executor, forever } from "./executor.ts";
import type { FaultKind, FaultPlan } from "./faults.ts";
import { needsNextEpoch } from "./faults.ts";
import type { Time } from "./time.ts";

/** Where an effect takes place; what is thrown when nobody answers differs. */
export type Target = "record" | "cluster" | "workflows" | "secrets" | "evidence" | "promotions" | "triggers";

export interface Traced {
  /** Number of the side effect; 0 outside the numbered part. */
  at: number;
  time: number;
  executor: string;
  effect: string;
  fault: FaultKind | undefined;
}

const lateMilliseconds = 8_000;
/** Longer than a Task of half a minute may take, which is then tried again beside the one that stands still. */
const stalledMilliseconds = 40_000;

/** Numbers the side effects of a run and lets happen to them what the plan says. */
export class Effects {
  readonly trace: Traced[] = [];
  /** Effects that are still to take place. */
  underWay = 0;
  plan: FaultPlan = () => undefined;
  /** Somebody asks for something else, because an executor stands still: once. */
  interrupt: () => void = () => {};
  private readonly time: Time;
  /** Side effects that were numbered. */
  counted = 0;
  private isCounting = false;
  private readonly begun = newGate();
  private readonly ended = newGate();

  constructor(time: Time) {
    this.time = time;
  }

  startCounting(): void {
    this.isCounting = true;
  }

  /** Until a newer operation has been begun. */
  get nextEpoch(): Promise<void> {
    return this.begun.opened;
  }

  /** A newer operation has been begun, by whoever interrupted. */
  nextEpochBegan = () => this.begun.open();
  /** What interrupted is over. */
  nextEpochEnded(): void {
    this.begun.open();
    this.ended.open();
  }

  async perform<T>(executor: Executor, target: Target, effect: string, act: () => Promise<T>): Promise<T> {
    if (!executor.isAlive) return forever();
    const at = this.isCounting ? ++this.counted : 0;
    const fault = at > 0 ? this.plan(at) : undefined;
    this.trace.push({ at, time: this.time.now(), executor: executor.name, effect, fault });
    if (fault === undefined) return alive(executor, act());
    if (needsNextEpoch(fault)) this.interrupt();
    return this.befall(fault, executor, target, act);
  }

  private async befall<T>(fault: FaultKind, executor: Executor, target: Target, act: () => Promise<T>): Promise<T> {
    switch (fault) {
      case "crash before":
        executor.die("Runtime.ExitError");
        return forever();
      case "crash after":
        await act().catch(() => undefined);
        executor.die("Sandbox.Timedout");
        return forever();
      case "reply lost":
        await act().catch(() => undefined);
        throw noAnswer(target);
      case "sent twice":
        await act().catch(() => undefined);
        return alive(executor, act());
      case "run twice":
        executor.isRunTwice = true;
        return alive(executor, act());
      case "late":
        void this.later(this.time.sleep(lateMilliseconds), act).catch(() => undefined);
        throw noAnswer(target);
      case "run beside":
        executor.runAgain();
        return alive(executor, act());
      case "stalled":
        return this.later(this.time.sleep(stalledMilliseconds), act);
      case "late into the next epoch":
        void this.later(this.begun.opened, act).catch(() => undefined);
        throw noAnswer(target);
      case "late past the next epoch":
        void this.later(this.ended.opened, act).catch(() => undefined);
        throw noAnswer(target);
      case "stalled into the next epoch":
        return this.later(this.begun.opened, act);
      case "stalled past the next epoch":
        return this.later(this.ended.opened, act);
    }
  }

  private async later<T>(moment: Promise<void>, act: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    await moment;
    const done = act();
    done
      .catch(() => undefined)
      .finally(() => {
        this.underWay -= 1;
      });
    return done;
  }
}

/** Nothing reaches an executor that has died meanwhile. */
async function alive<T>(executor: Executor, doing: Promise<T>): Promise<T> {
  try {
    const done = await doing;
    return executor.isAlive ? done : forever();
  } catch (error) {
    if (executor.isAlive) throw error;
    return forever();
  }
}

/** As the adapters tell it. */
function noAnswer(target: Target): Error {
  if (target === "cluster") return new WorkflowError("ClusterUnavailable", "NoAnswer", "the cluster's API server did not carry it out");
  return new NoAnswer("the request was not answered in time", false);
}

function newGate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
