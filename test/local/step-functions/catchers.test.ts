import { afterEach, describe, expect, test } from "vitest";
import {
  cleanUp,
  definition,
  end,
  failing,
  failingTimes,
  graph,
  type LocalFunction,
  large,
  never,
  pass,
  type States,
  startRunner,
  task,
} from "./machine-runner.ts";

afterEach(cleanUp);

describe("Catch", () => {
  const catching = (errorEquals: string[], work: object = task("Work")) => ({
    A: { ...work, End: undefined, Next: "Fine", Catch: [{ ErrorEquals: errorEquals, Next: "Caught" }] },
    Fine: { Type: "Succeed", Output: "fine" },
    Caught: { Type: "Succeed", Output: { caught: "{% $states.input %}" } },
  });
  const clean = (states: States) => JSON.parse(JSON.stringify(states));

  test.each([
    ["its name", ["Busy"], true],
    ["one of several names", ["Other", "Busy"], true],
    ["States.ALL", ["States.ALL"], true],
    ["States.TaskFailed", ["States.TaskFailed"], true],
    ["another name", ["Other"], false],
    ["States.Timeout", ["States.Timeout"], false],
    ["a prefix is no match", ["Bus"], false],
  ])("by %s", async (_name, errorEquals, caught) => {
    const outcome = await startRunner(
      { machine: definition(clean(catching(errorEquals))) },
      { functions: { Work: failingTimes(1) } },
    ).run();
    expect(outcome.status).toBe(caught ? "SUCCEEDED" : "FAILED");
    if (caught)
      expect(outcome.output).toEqual({ caught: { Error: "Busy", Cause: '{"errorType":"Busy","errorMessage":"it failed","trace":[]}' } });
  });

  test.each([
    ["States.ALL catches a timeout", ["States.ALL"], true],
    ["States.Timeout catches a timeout", ["States.Timeout"], true],
    ["States.TaskFailed does not catch a timeout", ["States.TaskFailed"], false],
  ])("%s", async (_name, errorEquals, caught) => {
    const outcome = await startRunner(
      { machine: definition(clean(catching(errorEquals, task("Work", { TimeoutSeconds: 3 })))) },
      { functions: { Work: never } },
    ).run();
    expect(outcome.status).toBe(caught ? "SUCCEEDED" : "FAILED");
    if (caught) expect(outcome.output).toEqual({ caught: { Error: "States.Timeout", Cause: "" } });
  });

  test.each([
    ["States.ALL", false],
    ["States.TaskFailed", false],
    ["States.DataLimitExceeded", true],
  ])("%s on a result that is too large", async (name, caught) => {
    const outcome = await startRunner({ machine: definition(clean(catching([name]))) }, { functions: { Work: () => large } }).run();
    expect(outcome.status).toBe(caught ? "SUCCEEDED" : "FAILED");
  });

  test("States.QueryEvaluationError in the state's own Output is caught, and leaves no variable behind", async () => {
    const states = {
      A: task("Work", {
        Assign: { x: 1 },
        Output: "{% $states.result.Nothing %}",
        Catch: [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "B" }],
        Next: "B",
      }),
      B: pass({ Output: { error: "{% $states.input.Error %}", assigned: "{% $exists($x) %}" } }),
    };
    const outcome = await startRunner({ machine: definition(states) }, { functions: { Work: () => 1 } }).run();
    expect(outcome.output).toEqual({ error: "States.QueryEvaluationError", assigned: false });
    expect(outcome.events).toContain("EvaluationFailed");
  });

  test("has its own Assign and Output, with input, error and context in sight", async () => {
    const caught = {
      ErrorEquals: ["States.ALL"],
      Assign: { failure: "{% $states.errorOutput %}", at: "{% $states.context.State.Name %}" },
      Output: { input: "{% $states.input %}", cause: "{% $parse($states.errorOutput.Cause).errorMessage %}" },
      Next: "B",
    };
    const states = {
      A: task("Work", { Assign: { other: 1 }, Catch: [caught], Next: "B" }),
      B: pass({ Output: { in: "{% $states.input %}", error: "{% $failure.Error %}", at: "{% $at %}", other: "{% $exists($other) %}" } }),
    };
    const outcome = await startRunner({ machine: definition(states) }, { functions: { Work: failingTimes(1) } }).run({ id: 7 });
    expect(outcome.output).toEqual({ in: { input: { id: 7 }, cause: "it failed" }, error: "Busy", at: "A", other: false });
  });

  test("an error inside the catcher itself ends the execution", async () => {
    const states = {
      A: task("Work", { Catch: [{ ErrorEquals: ["States.ALL"], Output: "{% $nothing %}", Next: "B" }], Next: "B" }),
      B: pass({}),
    };
    const outcome = await startRunner({ machine: definition(states) }, { functions: { Work: failingTimes(1) } }).run();
    expect(outcome).toMatchObject({
      status: "FAILED",
      error: "States.QueryEvaluationError",
      cause: expect.stringContaining("'Catch[0]/Output'"),
    });
  });

  test("comes after the retries are used up", async () => {
    const states = {
      A: task("Work", { Retry: [{ ErrorEquals: ["Busy"], MaxAttempts: 2 }], Catch: [{ ErrorEquals: ["Busy"], Next: "B" }], Next: "B" }),
      B: pass({ Output: "caught" }),
    };
    const runner = startRunner({ machine: definition(states) }, { functions: { Work: failingTimes(9) } });
    expect(await runner.run()).toMatchObject({ output: "caught", transitions: 4 });
    expect(runner.calls.Work).toHaveLength(3);
  });

  test.each([["Broken"], ["States.BranchFailed"]])(
    "of a Parallel by %s may assign outer variables, and the other branch is aborted",
    async (name) => {
      const branches = [
        graph({ W: { Type: "Wait", Seconds: 5, Next: "F" }, F: { Type: "Fail", Error: "Broken", Cause: "why" } }),
        graph({ Long: { Type: "Wait", Seconds: 500, ...end } }),
      ];
      const states = {
        Set: { Type: "Pass", Assign: { seen: "nothing" }, Next: "Both" },
        Both: {
          Type: "Parallel",
          Branches: branches,
          Catch: [{ ErrorEquals: [name], Assign: { seen: "{% $states.errorOutput %}" }, Next: "Show" }],
          Next: "Show",
        },
        Show: pass({ Output: "{% $seen %}" }),
      };
      const outcome = await startRunner({ machine: definition(states) }).run();
      expect(outcome).toMatchObject({ output: { Error: "Broken", Cause: "why" }, milliseconds: 5000 });
      expect(outcome.events.slice(-7)).toEqual([
        "FailStateEntered",
        "WaitStateAborted",
        "ParallelStateFailed",
        "ParallelStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
      ]);
    },
  );

  test("a failed iteration ends its siblings", async () => {
    const Work: LocalFunction = (item) => {
      if (item === 2) throw failing("Busy");
      return never();
    };
    const outcome = await startRunner(
      { machine: definition({ Each: { Type: "Map", ItemProcessor: graph({ One: task("Work") }), ...end } }) },
      { functions: { Work } },
    ).run([1, 2]);
    expect(outcome).toMatchObject({ status: "FAILED", error: "Busy" });
    expect(outcome.events.slice(-7)).toEqual([
      "TaskFailed",
      "MapIterationFailed",
      "TaskStateAborted",
      "MapIterationAborted",
      "TaskStateAborted",
      "MapStateFailed",
      "ExecutionFailed",
    ]);
  });
});
