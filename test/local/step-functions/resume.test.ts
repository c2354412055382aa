import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { VirtualClock } from "../../../local/step-functions/clock.ts";
import { Store } from "../../../local/step-functions/store.ts";
import { interruptedMachine } from "./interrupted-machine.ts";
import {
  cleanUp,
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

afterEach(cleanUp);

const untilAborted = (_at: number, signal: AbortSignal) =>
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
const expected = { rounds: 2, doubled: [2, 4, 6], failure: "Broken", child: 8, answer: "yes" };

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
async function runThrough(deaths: number[]) {
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

describe("killed at any commit and started again", () => {
  test("an undisturbed run gives the expected output", async () => {
    const { outcome } = await runThrough([]);
    expect(outcome).toMatchObject({ status: "SUCCEEDED", output: expected });
  });

  test("every single point: same output, same transitions, a gapless history", async () => {
    const undisturbed = await runThrough([]);
    for (let point = 0; point < undisturbed.commits; point++) {
      const { outcome } = await runThrough([point]);
      expect(outcome, `killed at commit ${point}`).toMatchObject({
        status: "SUCCEEDED",
        output: expected,
        transitions: undisturbed.outcome.transitions,
      });
      expect(outcome.history.map((event) => event.id)).toEqual(outcome.history.map((_, index) => index + 1));
      expect(outcome.milliseconds).toBe(undisturbed.outcome.milliseconds);
      const entered = (events: string[]) => events.filter((type) => /^(Pass|Choice|Wait|Task|Map|Parallel)StateEntered$/.test(type)).length;
      expect(entered(outcome.events)).toBe(entered(undisturbed.outcome.events));
    }
  }, 120_000);

  test("any sequence of deaths", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 3, max: 40 }), { minLength: 1, maxLength: 6 }), async (deaths) => {
        const { outcome } = await runThrough(deaths);
        expect(outcome).toMatchObject({ status: "SUCCEEDED", output: expected });
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});

describe("after stop and start", () => {
  const restart = (runner: Runner, machines: Record<string, object>, options: RunnerOptions = {}) =>
    startRunner(machines, { dataFolder: runner.dataFolder, clock: new VirtualClock(runner.clock.now() + 60_000), ...options });
  const hang: LocalFunction = () => new Promise(() => {});

  test("a Wait keeps its original end", async () => {
    const machines = {
      machine: definition({ A: task("Hang", { Next: "B" }), B: { Type: "Wait", Timestamp: "2026-01-01T00:00:30Z", ...end } }),
    };
    const runner = startRunner(machines, { functions: { Hang: hang } });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: 1 });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
    await runner.stop();
    const again = restart(runner, machines, { functions: { Hang: () => 2 } });
    expect(await outcomeOf(again, executionArn)).toMatchObject({ status: "SUCCEEDED", output: 2, milliseconds: 60_000, transitions: 2 });
  });

  test("a function that was under way is invoked again with the same payload", async () => {
    const machines = { machine: definition({ A: task("Hang") }) };
    const calls = {};
    const runner = startRunner(machines, { functions: { Hang: hang }, calls });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: { id: 3 } });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
    await runner.stop();
    const again = restart(runner, machines, { functions: { Hang: () => "answer" }, calls });
    expect(await outcomeOf(again, executionArn)).toMatchObject({ output: "answer", transitions: 1 });
    expect(again.calls.Hang).toEqual([{ id: 3 }, { id: 3 }]);
  });

  test("a child that runs is waited for, not started again", async () => {
    const parent = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: machineArn("child") },
      Output: "{% $states.result.Output %}",
      ...end,
    };
    const machines = { parent: definition({ A: parent }), child: definition({ B: task("Hang") }) };
    const runner = startRunner(machines, { functions: { Hang: hang } });
    const { executionArn } = runner.startExecution(machineArn("parent"), { input: {} });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
    await runner.stop();
    const again = restart(runner, machines, { functions: { Hang: () => "answer" } });
    expect(await outcomeOf(again, executionArn)).toMatchObject({ status: "SUCCEEDED", output: "answer" });
    expect((await again.send("ListExecutions", { stateMachineArn: machineArn("child") })).body.executions).toHaveLength(1);
  });

  test("a retry keeps its time", async () => {
    const Busy: LocalFunction = (_payload, call) => {
      if (call < 3) throw failing("Busy");
      return call;
    };
    const machines = {
      machine: definition({ A: task("Busy", { Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 600, BackoffRate: 1 }] }) }),
    };
    const calls = {};
    const stuck = { now: () => Date.UTC(2026, 0, 1), sleepUntil: untilAborted };
    const runner = startRunner(machines, { functions: { Busy }, calls, clock: stuck });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: {} });
    await expect.poll(() => runner.inspect(executionArn)?.transitions).toBe(2);
    await runner.stop();
    const again = startRunner(machines, {
      dataFolder: runner.dataFolder,
      clock: new VirtualClock(Date.UTC(2026, 0, 1, 0, 4)),
      functions: { Busy },
      calls,
    });
    expect(await outcomeOf(again, executionArn)).toMatchObject({ output: 3, milliseconds: 1_200_000, transitions: 3 });
  });

  test("a token that was handed out still counts, and its function is not invoked again", async () => {
    const ask = {
      ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", ...end },
      Arguments: { FunctionName: "Ask", Payload: "{% $states.context.Task.Token %}" },
    };
    const machines = { machine: definition({ A: ask }) };
    const calls: Record<string, unknown[]> = {};
    const runner = startRunner(machines, { functions: { Ask: () => 1 }, calls });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: {} });
    const types = async () =>
      (await runner.send("GetExecutionHistory", { executionArn })).body.events.map((event: { type: string }) => event.type);
    await expect.poll(types).toContain("TaskSubmitted");
    await runner.stop();
    const again = restart(runner, machines, { functions: { Ask: () => 1 }, calls });
    expect((await again.send("SendTaskSuccess", { taskToken: calls.Ask?.[0], output: "7" })).status).toBe(200);
    expect(await outcomeOf(again, executionArn)).toMatchObject({ output: 7 });
    expect(calls.Ask).toHaveLength(1);
  });

  test("an execution goes on with the definition it was started with", async () => {
    const runner = startRunner({ machine: definition({ A: task("Hang", { Output: "old" }) }) }, { functions: { Hang: hang } });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: {} });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
    await runner.stop();
    const again = restart(
      runner,
      { machine: definition({ A: { Type: "Pass", Output: "new", ...end } }) },
      { functions: { Hang: () => 1 } },
    );
    expect(await outcomeOf(again, executionArn)).toMatchObject({ output: "old" });
    expect(await again.run()).toMatchObject({ output: "new" });
  });

  test("the machine's deadline holds", async () => {
    const machines = { machine: definition({ A: task("Hang") }, { TimeoutSeconds: 45 }) };
    const never: LocalFunction = () => new Promise(() => {});
    const runner = startRunner(machines, {
      functions: { Hang: never },
      clock: { now: () => Date.UTC(2026, 0, 1), sleepUntil: untilAborted },
    });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: {} });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
    await runner.stop();
    expect(await outcomeOf(restart(runner, machines, { functions: { Hang: never } }), executionArn)).toMatchObject({ status: "TIMED_OUT" });
  });

  test("a change of status that nobody took is told again", async () => {
    const refusing = startRunner(
      { machine: definition({ A: { Type: "Succeed" } }) },
      { statusChanged: async () => Promise.reject(new Error("no bus")), report: () => {} },
    );
    await refusing.run();
    await refusing.stop();
    const again = restart(refusing, { machine: definition({ A: { Type: "Succeed" } }) });
    await expect.poll(() => again.changes.map((change) => change.status)).toEqual(["SUCCEEDED"]);
  });
});

test("a process killed with SIGKILL leaves an execution that goes on in the next one", async () => {
  const dataFolder = newFolder();
  const script = fileURLToPath(new URL("killed-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, dataFolder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const calls = {};
  const runner = startRunner(
    { interrupted: interruptedMachine.definition },
    { dataFolder, calls, clock: new VirtualClock(Date.now()), functions: { Hang: () => "second" } },
  );
  const outcome = await outcomeOf(runner, "arn:aws:states:us-east-1:000000000000:execution:interrupted:interrupted");
  expect(outcome).toMatchObject({ status: "SUCCEEDED", output: { first: "first", hang: "second", n: 1 }, transitions: 2 });
  expect(outcome.events).toEqual([
    ...["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"],
    ...[
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ],
  ]);
});
