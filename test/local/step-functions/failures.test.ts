import { afterEach, describe, expect, test } from "vitest";
import {
  cleanUp,
  definition,
  FunctionError,
  failing,
  graph,
  type LocalFunction,
  type States,
  startRunner,
  task,
} from "./machine-runner.ts";

afterEach(cleanUp);

const end = { End: true };
const pass = (more: object) => ({ Type: "Pass", End: true, ...more });
const large = "x".repeat(262_144);
const never = () => new Promise(() => {});

interface Failure {
  name: string;
  states: States;
  functions?: Record<string, LocalFunction>;
  error: string | null;
  cause?: string | RegExp | null;
}

const failures: Failure[] = [
  {
    ...{ name: "undefined", states: { A: pass({ Output: { result: "{% $doesNotExist %}" } }) }, error: "States.QueryEvaluationError" },
    cause:
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$doesNotExist' specified for the field 'Output/result' returned nothing (undefined).",
  },
  {
    name: "a field that the input has not",
    states: { A: pass({ Output: "{% $states.input.none %}" }) },
    error: "States.QueryEvaluationError",
  },
  {
    name: "an unqualified name has no input to look in",
    states: { A: pass({ Output: "{% name %}" }) },
    error: "States.QueryEvaluationError",
  },
  {
    name: "a function as value",
    states: { A: pass({ Output: "{% function($x){$x} %}" }) },
    error: "States.QueryEvaluationError",
    cause: /unsupported result type/,
  },
  { name: "a number that JSON cannot say", states: { A: pass({ Output: "{% 1/0 %}" }) }, error: "States.QueryEvaluationError" },
  {
    name: "an expression that throws",
    states: { A: pass({ Assign: { x: "{% 1 + 'a' %}" } }) },
    error: "States.QueryEvaluationError",
    cause: /'Assign\/x' threw an error during evaluation\. T200\d/,
  },
  {
    name: "an unknown function",
    states: { A: pass({ Output: "{% $nope(1) %}" }) },
    error: "States.QueryEvaluationError",
    cause: /T1006: Attempted to invoke a non-function/,
  },
  {
    ...{
      name: "a Condition that is no boolean",
      error: "States.QueryEvaluationError",
      cause: /'Choices\[0\]\/Condition'.*Expected 'boolean', but was 'number' for value: 1/,
    },
    states: { A: { Type: "Choice", Choices: [{ Condition: "{% 1 %}", Next: "B" }], Default: "B" }, B: { Type: "Succeed" } },
  },
  {
    ...{ name: "no rule holds and there is no Default", error: "States.NoChoiceMatched" },
    states: { A: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "B" }] }, B: { Type: "Succeed" } },
  },
  {
    name: "Items that are no list",
    states: { A: { Type: "Map", Items: "{% 'string' %}", ItemProcessor: graph({ B: pass({}) }), ...end } },
    error: "States.QueryEvaluationError",
    cause: /Expected 'array', but was 'string' for value: "string"/,
  },
  {
    name: "input of a Map without Items that is no list",
    states: { A: { Type: "Map", ItemProcessor: graph({ B: pass({}) }), ...end } },
    error: "States.QueryEvaluationError",
    cause: /Map state input must be an array but was: \{\}/,
  },
  { name: "negative Seconds", states: { A: { Type: "Wait", Seconds: "{% -1 %}", ...end } }, error: "States.QueryEvaluationError" },
  {
    name: "a time that is no RFC 3339",
    states: { A: { Type: "Wait", Timestamp: "{% '2016-12-05 21:29:29Z' %}", ...end } },
    error: "States.QueryEvaluationError",
    cause: /cannot be parsed as an ISO-8601/,
  },
  {
    name: "TimeoutSeconds that is no number",
    states: { A: task("Work", { TimeoutSeconds: "{% 'soon' %}" }) },
    error: "States.QueryEvaluationError",
  },
  {
    name: "Fail with literals",
    states: { A: { Type: "Fail", Error: "Broken", Cause: "on purpose" } },
    error: "Broken",
    cause: "on purpose",
  },
  {
    name: "Fail with expressions",
    states: { A: { Type: "Fail", Error: "{% 'Bro' & 'ken' %}", Cause: "{% $string({'a': 1}) %}" } },
    error: "Broken",
    cause: '{"a":1}',
  },
  { name: "Fail with nothing", states: { A: { Type: "Fail" } }, error: null, cause: null },
  {
    ...{ name: "a function that fails by its error type", states: { A: task("Work") }, error: "StaleEpoch" },
    ...{
      functions: {
        Work: () => {
          throw failing("StaleEpoch", "epoch 3 is over");
        },
      },
      cause: '{"errorType":"StaleEpoch","errorMessage":"epoch 3 is over","trace":[]}',
    },
  },
  {
    ...{ name: "a function that fails without an error type", states: { A: task("Work") }, error: "Lambda.Unknown" },
    ...{
      functions: {
        Work: () => {
          throw new FunctionError({ errorMessage: "timed out" });
        },
      },
      cause: /Returned payload: \{"errorMessage":"timed out"\}/,
    },
  },
  {
    name: "a function that does not exist",
    states: { A: task("Nobody") },
    error: "Lambda.ResourceNotFoundException",
    cause: /Function not found: Nobody/,
  },
  {
    ...{ name: "Lambda being throttled", states: { A: task("Work") }, error: "Lambda.TooManyRequestsException" },
    functions: {
      Work: () => {
        throw Object.assign(new Error("Rate Exceeded"), { name: "TooManyRequestsException" });
      },
    },
  },
  {
    name: "a task that takes longer than TimeoutSeconds",
    states: { A: task("Work", { TimeoutSeconds: 5 }) },
    functions: { Work: never },
    error: "States.Timeout",
    cause: null,
  },
  {
    name: "a result that is too large",
    states: { A: task("Work", { Catch: [{ ErrorEquals: ["States.ALL"], Next: "B" }], Next: "B" }), B: pass({}) },
    functions: { Work: () => large },
    error: "States.DataLimitExceeded",
  },
  {
    name: "an output that is too large",
    states: { A: pass({ Output: `{% $pad('', 262143, 'x') %}` }) },
    error: "States.DataLimitExceeded",
    cause: /The state\/task 'A' returned a result with a size exceeding/,
  },
  {
    name: "variables that are too large",
    states: { A: pass({ Assign: { x: `{% $pad('', 262143, 'x') %}` }, Output: 1 }) },
    error: "States.DataLimitExceeded",
  },
  {
    ...{ name: "a branch, by its own error", error: "Broken", cause: "inside" },
    states: {
      A: {
        Type: "Parallel",
        Branches: [graph({ F: { Type: "Fail", Error: "Broken", Cause: "inside" } }), graph({ W: { Type: "Wait", Seconds: 9, ...end } })],
        ...end,
      },
    },
  },
];

describe("what a machine fails with", () => {
  test.each(failures)("$name", async ({ states, functions, error, cause }) => {
    const outcome = await startRunner({ machine: definition(states) }, { functions }).run();
    expect(outcome).toMatchObject({ status: "FAILED", output: null, error });
    expect(outcome.events.at(-1)).toBe("ExecutionFailed");
    if (cause !== undefined && cause instanceof RegExp) expect(outcome.cause).toMatch(cause);
    else if (cause !== undefined) expect(outcome.cause).toBe(cause);
  });

  test("a role that may not invoke the function", async () => {
    const authorize = (_role: string, action: string, resource: string) => {
      throw new Error(`not authorized to perform: ${action} on resource: ${resource}`);
    };
    const outcome = await startRunner({ machine: definition({ A: task("Work") }) }, { authorize }).run();
    expect(outcome.error).toBe("Lambda.AWSLambdaException");
    expect(outcome.cause).toContain("lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:Work");
  });

  test("the machine's own TimeoutSeconds ends it as TIMED_OUT", async () => {
    const runner = startRunner({ machine: definition({ A: { Type: "Wait", Seconds: 100, ...end } }, { TimeoutSeconds: 30 }) });
    const outcome = await runner.run();
    expect(outcome).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout", milliseconds: 30_000 });
    expect(outcome.events.at(-1)).toBe("ExecutionTimedOut");
  });

  test("a machine that goes round for ever stops at 25,000 events", async () => {
    const outcome = await startRunner({
      machine: definition({
        A: { Type: "Pass", Next: "B" },
        B: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "End" }], Default: "A" },
        End: { Type: "Succeed" },
      }),
    }).run();
    expect(outcome).toMatchObject({ status: "FAILED", error: "States.Runtime", cause: expect.stringContaining("25000") });
  }, 60_000);
});

/** Fails so many times, then answers. */
const failingTimes =
  (times: number, error = () => failing("Busy")): LocalFunction =>
  (_payload, call) => {
    if (call <= times) throw error();
    return `done at call ${call}`;
  };

describe("Retry", () => {
  const retrying = (...retry: object[]) => ({ A: task("Work", { Retry: retry }) });

  test("waits IntervalSeconds grown by BackoffRate, and counts every try as a transition", async () => {
    const runner = startRunner(
      { machine: definition(retrying({ ErrorEquals: ["Busy"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4 })) },
      { functions: { Work: failingTimes(3) } },
    );
    const outcome = await runner.run();
    expect(outcome).toMatchObject({ status: "SUCCEEDED", output: "done at call 4", milliseconds: 2000 + 6000 + 18_000, transitions: 4 });
    const attempt = ["TaskScheduled", "TaskStarted"];
    const failed = [...attempt, "TaskFailed"];
    expect(outcome.events).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      ...failed,
      ...failed,
      ...failed,
      ...attempt,
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test("has defaults: 1 s, rate 2, 3 attempts", async () => {
    const outcome = await startRunner(
      { machine: definition(retrying({ ErrorEquals: ["States.ALL"] })) },
      { functions: { Work: failingTimes(9) } },
    ).run();
    expect(outcome).toMatchObject({ status: "FAILED", error: "Busy", milliseconds: 1000 + 2000 + 4000, transitions: 4 });
  });

  test("MaxDelaySeconds caps the delay, and full jitter takes a random part of it", async () => {
    const retry = {
      ErrorEquals: ["Busy"],
      IntervalSeconds: 10,
      BackoffRate: 10,
      MaxDelaySeconds: 20,
      MaxAttempts: 2,
      JitterStrategy: "FULL",
    };
    const outcome = await startRunner(
      { machine: definition(retrying(retry)) },
      { functions: { Work: failingTimes(2) }, random: () => 0.25 },
    ).run();
    expect(outcome).toMatchObject({ status: "SUCCEEDED", milliseconds: 2500 + 5000 });
  });

  test("MaxAttempts 0 keeps a later retrier from trying", async () => {
    const outcome = await startRunner(
      { machine: definition(retrying({ ErrorEquals: ["Busy"], MaxAttempts: 0 }, { ErrorEquals: ["States.ALL"] })) },
      { functions: { Work: failingTimes(1) } },
    ).run();
    expect(outcome).toMatchObject({ status: "FAILED", transitions: 1 });
  });

  test("each retrier counts its own attempts, RetryCount counts all", async () => {
    const errors = ["Busy", "Gone", "Busy", "Gone"];
    const runner = startRunner(
      {
        machine: definition({
          A: task("Work", {
            Arguments: { FunctionName: "Work", Payload: "{% $states.context.State.RetryCount %}" },
            Retry: [
              { ErrorEquals: ["Busy"], MaxAttempts: 2, IntervalSeconds: 1 },
              { ErrorEquals: ["Gone"], MaxAttempts: 1, IntervalSeconds: 10 },
            ],
          }),
        }),
      },
      {
        functions: {
          Work: (_payload, call) => {
            throw failing(errors[call - 1] ?? "Other");
          },
        },
      },
    );
    expect(await runner.run()).toMatchObject({ status: "FAILED", error: "Gone", milliseconds: 1000 + 10_000 + 2000 });
    expect(runner.calls.Work).toEqual([0, 1, 2, 3]);
  });

  test("counts begin anew when the state is entered again", async () => {
    const states = {
      A: task("Work", {
        Retry: [{ ErrorEquals: ["Busy"], MaxAttempts: 1 }],
        Assign: { rounds: "{% ($exists($rounds) ? $rounds : 0) + 1 %}" },
        Next: "Again",
      }),
      Again: { Type: "Choice", Choices: [{ Condition: "{% $rounds < 3 %}", Next: "A" }], Default: "Done" },
      Done: pass({ Output: "{% $rounds %}" }),
    };
    const Work: LocalFunction = (_payload, call) => {
      if (call % 2 === 1) throw failing("Busy");
    };
    expect(await startRunner({ machine: definition(states) }, { functions: { Work } }).run()).toMatchObject({
      status: "SUCCEEDED",
      output: 3,
    });
  });

  test("a timeout is tried again", async () => {
    const Work: LocalFunction = (_payload, call) => (call === 1 ? never() : "second");
    const outcome = await startRunner(
      { machine: definition({ A: task("Work", { TimeoutSeconds: 7, Retry: [{ ErrorEquals: ["States.Timeout"] }] }) }) },
      { functions: { Work } },
    ).run();
    expect(outcome).toMatchObject({ output: "second", milliseconds: 8000 });
    expect(outcome.events).toContain("TaskTimedOut");
  });

  test("a Map is tried again from its first item", async () => {
    const Work: LocalFunction = (item, call) => {
      if (call === 2) throw failing("Busy");
      return item;
    };
    const states = {
      Each: { Type: "Map", MaxConcurrency: 1, ItemProcessor: graph({ One: task("Work") }), Retry: [{ ErrorEquals: ["Busy"] }], ...end },
    };
    const runner = startRunner({ machine: definition(states) }, { functions: { Work } });
    const outcome = await runner.run([1, 2]);
    expect(outcome).toMatchObject({ output: [1, 2], transitions: 1 + 2 + 1 + 2 });
    expect(runner.calls.Work).toEqual([1, 2, 1, 2]);
    expect(outcome.events.filter((type) => type.startsWith("MapState"))).toEqual([
      "MapStateEntered",
      "MapStateStarted",
      "MapStateStarted",
      "MapStateSucceeded",
      "MapStateExited",
    ]);
  });
});

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
    expect(outcome.events.slice(-6)).toEqual([
      "TaskFailed",
      "MapIterationFailed",
      "TaskStateAborted",
      "MapIterationAborted",
      "MapStateFailed",
      "ExecutionFailed",
    ]);
  });
});
