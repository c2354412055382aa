import { VirtualClock } from "../../../local/step-functions/clock.ts";
import { Store } from "../../../local/step-functions/store.ts";
import {
  definition,
  end,
  failing,
  functionArn,
  graph,
  type LocalFunction,
  machineArn,
  newFolder,
  outcomeOf,
  type Runner,
  type RunnerOptions,
  startRunner,
  task,
} from "./machine-runner.ts";

export const untilAborted = (_at: number, signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** Dies at its n-th commit, as a killed process does: what was not committed is not there, and nothing comes after. */
class MortalStore extends Store {
  #left: number;
  commits = 0;
  readonly died: Promise<void>;
  #die: () => void = () => {};
  constructor(file: string, commitsToLive: number) {
    super(file);
    this.#left = commitsToLive;
    this.died = new Promise((resolve) => {
      this.#die = resolve;
    });
  }
  protected override commit(): void {
    this.commits += 1;
    if (--this.#left < 0) {
      this.#die();
      throw new Error("killed");
    }
    super.commit();
  }
}

const everything = {
  main: definition(
    {
      Set: { Type: "Pass", Assign: { rounds: 0 }, Next: "Work" },
      Work: task("Flaky", {
        Arguments: { FunctionName: "Flaky", Payload: "{% $states.context.State.RetryCount %}" },
        Retry: [{ ErrorEquals: ["Busy"], MaxAttempts: 2 }],
        TimeoutSeconds: 30,
        Next: "Pause",
      }),
      Pause: { Type: "Wait", Seconds: 10, Assign: { rounds: "{% $rounds + 1 %}" }, Next: "Again" },
      Again: { Type: "Choice", Choices: [{ Condition: "{% $rounds < 2 %}", Next: "Work" }], Default: "Each" },
      Each: {
        ...{ Type: "Map", Items: [1, 2, 3], MaxConcurrency: 2, Assign: { doubled: "{% $states.result %}" }, Next: "Both" },
        ItemProcessor: graph({
          Double: task("Double", { Next: "Rest" }),
          Rest: { Type: "Wait", Seconds: "{% $states.context.Map.Item.Index %}", ...end },
        }),
      },
      Both: {
        Type: "Parallel",
        Branches: [
          graph({ Bad: { Type: "Wait", Seconds: 3, Next: "Broken" }, Broken: { Type: "Fail", Error: "Broken" } }),
          graph({ Long: { Type: "Wait", Seconds: 90, ...end } }),
        ],
        Catch: [{ ErrorEquals: ["Broken"], Assign: { failure: "{% $states.errorOutput.Error %}" }, Next: "Nested" }],
        Next: "Nested",
      },
      Nested: {
        ...{ Type: "Task", Resource: "arn:aws:states:::states:startExecution.sync:2", Next: "Ask" },
        Arguments: { StateMachineArn: machineArn("child"), Input: { n: 4 }, Name: "{% $states.context.Execution.Name & '-child' %}" },
        Output: "{% $states.result.Output %}",
      },
      Ask: {
        ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", ...end },
        Arguments: { FunctionName: "Ask", Payload: "{% $states.context.Task.Token %}" },
        Output: {
          rounds: "{% $rounds %}",
          doubled: "{% $doubled %}",
          failure: "{% $failure %}",
          child: "{% $states.input %}",
          answer: "{% $states.result %}",
        },
      },
    },
    { TimeoutSeconds: 3600 },
  ),
  child: definition({
    Pause: { Type: "Wait", Seconds: 20, Next: "Work" },
    Work: { Type: "Task", Resource: functionArn("Double"), Arguments: "{% $states.input.n %}", ...end },
  }),
};
export const expected = { rounds: 2, doubled: [2, 4, 6], failure: "Broken", child: 8, answer: "yes" };

interface Life {
  runner: Runner;
  store: MortalStore;
}

function live(dataFolder: string, commits: number, clock: VirtualClock): Life {
  let store: MortalStore | undefined;
  const functions: Record<string, LocalFunction> = {
    Flaky: (retries) => {
      if (retries < 2) throw failing("Busy");
    },
    Double: (n) => n * 2,
    Ask: (taskToken) => runner.send("SendTaskSuccess", { taskToken, output: '"yes"' }),
  };
  const openStore = (file: string) => {
    store = new MortalStore(file, commits);
    return store;
  };
  const options: RunnerOptions = { dataFolder, clock, functions, openStore, report: () => {} };
  const runner: Runner = startRunner(everything, options);
  return { runner, store: store as unknown as MortalStore };
}

/** Lives through so many deaths, then to the end. */
export async function runThrough(deaths: number[]) {
  const dataFolder = newFolder();
  const arn = "arn:aws:states:us-east-1:000000000000:execution:main:one";
  let clock = new VirtualClock();
  let started = false;
  for (const commits of [...deaths, Number.POSITIVE_INFINITY]) {
    let life: Life;
    try {
      life = live(dataFolder, commits, clock);
    } catch {
      continue; // died while resuming
    }
    const { runner, store } = life;
    try {
      if (!started) runner.startExecution(machineArn("main"), { name: "one", input: {} });
      started = true;
    } catch {
      started = runner.inspect(arn) !== undefined;
    }
    if (started) await Promise.race([runner.ended(arn), store.died]);
    if (commits === Number.POSITIVE_INFINITY)
      return { outcome: await outcomeOf(runner, arn), commits: store.commits, changes: runner.changes };
    await runner.stop();
    clock = new VirtualClock(clock.now());
  }
  throw new Error("unreachable");
}
