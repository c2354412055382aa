import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { VirtualClock } from "../../../local/step-functions/clock.ts";
import { interruptedMachine } from "./interrupted-machine.ts";
import {
  cleanUp,
  definition,
  end,
  failing,
  type LocalFunction,
  machineArn,
  newFolder,
  outcomeOf,
  type Runner,
  type RunnerOptions,
  startRunner,
  task,
} from "./machine-runner.ts";
import { untilAborted } from "./mortal-runner.ts";

afterEach(cleanUp);

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
