import { afterEach, describe, expect, test } from "vitest";
import { cleanUp, definition, end, failing, graph, machineArn, outcomeOf, type States, startRunner, task } from "./machine-runner.ts";

afterEach(cleanUp);

const starting = (resource: string, more: object = {}) => ({
  ...{ Type: "Task", Resource: `arn:aws:states:::states:${resource}` },
  Arguments: { StateMachineArn: machineArn("child"), Input: { n: "{% $states.input.n %}" }, Name: "the-child" },
  ...end,
  ...more,
});
const child = definition({ A: { Type: "Succeed", Output: { twice: "{% $states.input.n * 2 %}" } } });
const start = (parent: States, childStates: object = child, options = {}) =>
  startRunner({ parent: definition(parent), child: childStates }, options);
const childArn = "arn:aws:states:us-east-1:000000000000:execution:child:the-child";

describe("startExecution", () => {
  test("goes on without waiting", async () => {
    const runner = start({ A: starting("startExecution") }, definition({ W: { Type: "Wait", Seconds: 50, ...end } }));
    const outcome = await runner.run({ n: 1 });
    expect(outcome).toMatchObject({
      status: "SUCCEEDED",
      milliseconds: 0,
      output: { ExecutionArn: childArn, SdkHttpMetadata: { HttpStatusCode: 200 } },
    });
    expect(await outcomeOf(runner, childArn)).toMatchObject({ status: "SUCCEEDED", milliseconds: 50_000 });
  });

  test(".sync waits, with Input and Output as JSON texts", async () => {
    expect((await start({ A: starting("startExecution.sync") }).run({ n: 4 })).output).toMatchObject({
      Input: '{"n":4}',
      Output: '{"twice":8}',
    });
  });

  test(".sync:2 waits, with Input and Output as JSON values", async () => {
    const outcome = await start({ A: starting("startExecution.sync:2") }).run({ n: 4 });
    expect(outcome.output).toEqual({
      ...{ ExecutionArn: childArn, Name: "the-child", StateMachineArn: machineArn("child"), Status: "SUCCEEDED" },
      ...{ Input: { n: 4 }, InputDetails: { Included: true }, Output: { twice: 8 }, OutputDetails: { Included: true } },
      ...{ StartDate: Date.UTC(2026, 0, 1), StopDate: Date.UTC(2026, 0, 1) },
    });
    expect(outcome.events).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test(".sync fails as States.TaskFailed with the child's description as cause", async () => {
    const outcome = await start(
      { A: starting("startExecution.sync") },
      definition({ F: { Type: "Fail", Error: "Broken", Cause: "why" } }),
    ).run({ n: 1 });
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.TaskFailed" });
    expect(JSON.parse(outcome.cause ?? "")).toMatchObject({
      Error: "Broken",
      Cause: "why",
      Status: "FAILED",
      Input: '{"n":1}',
      Name: "the-child",
    });
  });

  test("a child that times out is States.TaskFailed to its parent", async () => {
    const slow = definition({ W: { Type: "Wait", Seconds: 50, ...end } }, { TimeoutSeconds: 10 });
    const outcome = await start({ A: starting("startExecution.sync:2") }, slow).run({ n: 1 });
    expect(outcome).toMatchObject({ error: "States.TaskFailed", milliseconds: 10_000 });
    const child = JSON.parse(outcome.cause ?? "");
    expect(child).toMatchObject({ Status: "TIMED_OUT" });
    expect(child.Error).toBeUndefined();
  });

  test("a task that times out ends the child", async () => {
    const runner = start(
      { A: starting("startExecution.sync:2", { TimeoutSeconds: 5 }) },
      definition({ W: { Type: "Wait", Seconds: 50, ...end } }),
    );
    expect(await runner.run({ n: 1 })).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(await outcomeOf(runner, childArn)).toMatchObject({ status: "ABORTED", milliseconds: 5000 });
  });

  test("stopping the parent stops the child, and the child's child", async () => {
    const grandchild = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: machineArn("grandchild"), Name: "g" },
      ...end,
    };
    const runner = startRunner(
      {
        parent: definition({ A: starting("startExecution.sync:2") }),
        child: definition({ B: grandchild }),
        grandchild: definition({ W: task("Hang") }),
      },
      { functions: { Hang: () => new Promise(() => {}) } },
    );
    const { executionArn } = runner.startExecution(machineArn("parent"), { input: { n: 1 } });
    await expect.poll(() => runner.calls.Hang).toHaveLength(1);
    await runner.send("StopExecution", { executionArn, error: "Superseded", cause: "a newer one" });
    expect(await outcomeOf(runner, executionArn)).toMatchObject({ status: "ABORTED", error: "Superseded", cause: "a newer one" });
    expect(runner.inspect(childArn)?.status).toBe("ABORTED");
    expect(runner.inspect("arn:aws:states:us-east-1:000000000000:execution:grandchild:g")?.status).toBe("ABORTED");
  });

  test("a failed iteration stops the children of its siblings", async () => {
    const one = starting("startExecution.sync:2", {
      Arguments: { StateMachineArn: machineArn("child"), Input: "{% $states.input %}", Name: "{% 'c' & $states.input %}" },
    });
    const childStates = {
      Seconds: { Type: "Wait", Seconds: "{% $number($states.input) %}", Next: "Broken" },
      Broken: { Type: "Fail", Error: "Broken" },
    };
    const runner = start({ Each: { Type: "Map", Items: ["9", "5"], ItemProcessor: graph({ One: one }), ...end } }, definition(childStates));
    expect(await runner.run()).toMatchObject({ status: "FAILED", error: "States.TaskFailed", milliseconds: 5000 });
    expect(runner.inspect(childArn.replace("the-child", "c5"))?.status).toBe("FAILED");
    expect(runner.inspect(childArn.replace("the-child", "c9"))?.status).toBe("ABORTED");
  });

  test("a name that was used is StepFunctions.ExecutionAlreadyExistsException", async () => {
    const runner = start({ A: starting("startExecution.sync:2") });
    await runner.run({ n: 1 });
    expect(await runner.run({ n: 1 })).toMatchObject({ error: "StepFunctions.ExecutionAlreadyExistsException" });
  });

  test("a machine that does not exist is StepFunctions.StateMachineDoesNotExistException", async () => {
    const runner = start({ A: starting("startExecution", { Arguments: { StateMachineArn: machineArn("nobody") } }) });
    expect(await runner.run()).toMatchObject({ error: "StepFunctions.StateMachineDoesNotExistException" });
  });

  test.each([
    "states:StartExecution",
    "states:StopExecution",
    "states:DescribeExecution",
    "events:PutRule",
    "events:PutTargets",
    "events:DescribeRule",
  ])("waiting needs %s", async (missing) => {
    const authorize = (_role: string, action: string) => {
      if (action === missing) throw new Error(`not authorized to perform: ${action}`);
    };
    const outcome = await start({ A: starting("startExecution.sync:2") }, child, { authorize }).run({ n: 1 });
    expect(outcome).toMatchObject({ error: "StepFunctions.AWSStepFunctionsException", cause: expect.stringContaining(missing) });
  });
});

describe("lambda:invoke.waitForTaskToken", () => {
  const waiting = (more: object = {}) =>
    definition({
      A: {
        ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", ...end },
        Arguments: { FunctionName: "Ask", Payload: { token: "{% $states.context.Task.Token %}" } },
        ...more,
      },
    });
  const tokenOf = (runner: ReturnType<typeof startRunner>, call = 0) => (runner.calls.Ask?.[call] as { token: string } | undefined)?.token;
  /** The clock would jump while a person thinks: these wait without timers. */
  async function asked(more: object = {}) {
    const runner = startRunner({ machine: waiting(more) }, { functions: { Ask: () => "asked" } });
    const { executionArn } = runner.startExecution(machineArn("machine"), { input: {} });
    await expect.poll(() => tokenOf(runner)).toEqual(expect.any(String));
    return { runner, executionArn, taskToken: tokenOf(runner) };
  }

  test("SendTaskSuccess gives the result", async () => {
    const { runner, executionArn, taskToken } = await asked({ Output: "{% $states.result.approved %}" });
    expect((await runner.send("SendTaskSuccess", { taskToken, output: '{"approved":"yes"}' })).status).toBe(200);
    const outcome = await outcomeOf(runner, executionArn);
    expect(outcome).toMatchObject({ status: "SUCCEEDED", output: "yes" });
    expect(outcome.events).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSubmitted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test("SendTaskFailure fails the task, and may be caught", async () => {
    const { runner, executionArn, taskToken } = await asked();
    await runner.send("SendTaskFailure", { taskToken, error: "Rejected", cause: "not today" });
    expect(await outcomeOf(runner, executionArn)).toMatchObject({ status: "FAILED", error: "Rejected", cause: "not today" });
  });

  test("a token counts once, and only while its task waits", async () => {
    const { runner, executionArn, taskToken } = await asked();
    await runner.send("SendTaskSuccess", { taskToken, output: "1" });
    await outcomeOf(runner, executionArn);
    expect((await runner.send("SendTaskSuccess", { taskToken, output: "2" })).body).toMatchObject({ __type: "TaskTimedOut" });
    expect((await runner.send("SendTaskHeartbeat", { taskToken: "made-up" })).body).toMatchObject({ __type: "InvalidToken" });
  });

  test("the answer may come before the function has returned", async () => {
    const runner = startRunner(
      { machine: waiting() },
      {
        functions: {
          Ask: async ({ token }) => {
            await runner.send("SendTaskSuccess", { taskToken: token, output: '"early"' });
            return new Promise(() => {});
          },
        },
      },
    );
    expect(await runner.run()).toMatchObject({ status: "SUCCEEDED", output: "early" });
  });

  test("a function that fails fails the task", async () => {
    const runner = startRunner(
      { machine: waiting() },
      {
        functions: {
          Ask: () => {
            throw failing("Broken");
          },
        },
      },
    );
    expect(await runner.run()).toMatchObject({ status: "FAILED", error: "Broken" });
  });

  test("TimeoutSeconds ends the wait", async () => {
    const runner = startRunner({ machine: waiting({ TimeoutSeconds: 60 }) }, { functions: { Ask: () => 1 } });
    expect(await runner.run()).toMatchObject({ error: "States.Timeout", milliseconds: 60_000 });
  });

  test("a missed heartbeat is States.HeartbeatTimeout", async () => {
    const runner = startRunner({ machine: waiting({ HeartbeatSeconds: "{% 5 %}", TimeoutSeconds: 60 }) }, { functions: { Ask: () => 1 } });
    expect(await runner.run()).toMatchObject({ error: "States.HeartbeatTimeout", milliseconds: 5000 });
  });

  test.each(["States.HeartbeatTimeout", "States.Timeout", "States.ALL"])("a missed heartbeat is caught by %s", async (name) => {
    const machine = waiting({ HeartbeatSeconds: 5, Catch: [{ ErrorEquals: [name], Next: "B" }] });
    Object.assign(machine.States, { B: { Type: "Succeed" } });
    const runner = startRunner({ machine }, { functions: { Ask: () => 1 } });
    expect(await runner.run()).toMatchObject({ status: "SUCCEEDED", output: { Error: "States.HeartbeatTimeout", Cause: "" } });
  });

  test("heartbeats put the limit off", async () => {
    const runner = startRunner(
      { machine: waiting({ HeartbeatSeconds: 5 }) },
      {
        functions: {
          Ask: async ({ token }) => {
            for (let beat = 0; beat < 3; beat++) {
              await runner.clock.sleepUntil(runner.clock.now() + 4000, new AbortController().signal);
              await runner.send("SendTaskHeartbeat", { taskToken: token });
            }
          },
        },
      },
    );
    expect(await runner.run()).toMatchObject({ error: "States.HeartbeatTimeout", milliseconds: 17_000 });
  });

  test("each retry has a token of its own", async () => {
    const runner = startRunner(
      { machine: waiting({ TimeoutSeconds: 5, Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1 }] }) },
      { functions: { Ask: () => 1 } },
    );
    await runner.run();
    expect(tokenOf(runner, 1)).not.toBe(tokenOf(runner, 0));
    expect(runner.calls.Ask).toHaveLength(2);
  });

  test("inside a Map every iteration waits for its own", async () => {
    const runner = startRunner(
      { machine: definition({ Each: { Type: "Map", ItemProcessor: graph({ ...waiting().States }), ...end } }) },
      {
        functions: {
          Ask: async ({ token }) => runner.send("SendTaskSuccess", { taskToken: token, output: `${runner.calls.Ask?.length}` }),
        },
      },
    );
    expect(await runner.run(["a", "b"])).toMatchObject({ status: "SUCCEEDED", output: [expect.any(Number), expect.any(Number)] });
  });
});
