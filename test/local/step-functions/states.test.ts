import { afterEach, describe, expect, test } from "vitest";
import {
  cleanUp,
  definition,
  end,
  failing,
  functionArn,
  graph,
  type LocalFunction,
  pass,
  type States,
  startRunner,
  task,
} from "./machine-runner.ts";

afterEach(cleanUp);

interface Example {
  name: string;
  states: States;
  functions?: Record<string, LocalFunction>;
  input?: unknown;
  output: unknown;
  transitions: number;
}

const examples: Example[] = [
  { name: "Pass passes its input on", states: { A: pass({}) }, input: { a: 1 }, output: { a: 1 }, transitions: 1 },
  {
    name: "Output is a template of literals and expressions",
    states: { A: pass({ Output: { n: null, list: [1, "{% 1 + 1 %}", "plain"], not: " {% 1 %} ", in: "{% $states.input.a %}" } }) },
    input: { a: "x" },
    output: { n: null, list: [1, 2, "plain"], not: " {% 1 %} ", in: "x" },
    transitions: 1,
  },
  { name: "Output may be any JSON value", states: { A: pass({ Output: null }) }, output: null, transitions: 1 },
  {
    name: "Assign and Output see the variables as they were on entry",
    states: {
      Set: { Type: "Pass", Assign: { x: 3, y: 6 }, Next: "Swap" },
      Swap: { Type: "Pass", Assign: { x: "{% $y %}", y: "{% $x %}" }, Output: { x: "{% $x %}" }, Next: "Show" },
      Show: pass({ Output: { before: "{% $states.input.x %}", x: "{% $x %}", y: "{% $y %}" } }),
    },
    output: { before: 3, x: 6, y: 3 },
    transitions: 3,
  },
  {
    name: "Choice takes the first rule that holds, with its own Assign and Output",
    states: {
      Choose: {
        Type: "Choice",
        Choices: [
          { Condition: "{% $states.input.n > 10 %}", Next: "Show", Assign: { size: "large" } },
          { Condition: "{% $states.input.n > 5 %}", Next: "Show", Assign: { size: "middle" }, Output: "{% $states.input.n * 2 %}" },
          { Condition: true, Next: "Show", Assign: { size: "small" } },
        ],
      },
      Show: pass({ Output: { size: "{% $size %}", was: "{% $states.input %}" } }),
    },
    input: { n: 7 },
    output: { size: "middle", was: 14 },
    transitions: 2,
  },
  {
    name: "Choice without a rule that holds takes Default with the state's Assign and Output",
    states: {
      Choose: {
        ...{ Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "Show" }], Default: "Show" },
        ...{ Assign: { from: "default" }, Output: "other" },
      },
      Show: pass({ Output: "{% $from & ' ' & $states.input %}" }),
    },
    output: "default other",
    transitions: 2,
  },
  {
    name: "Succeed ends with its Output",
    states: { A: { Type: "Succeed", Output: "{% $states.input.a %}" } },
    input: { a: 4 },
    output: 4,
    transitions: 1,
  },
  {
    name: "Task invokes a function and has the envelope as its result",
    states: { A: task("Double", { Output: "{% [$states.result.Payload, $states.result.StatusCode, $states.result.ExecutedVersion] %}" }) },
    functions: { Double: (n) => n * 2 },
    input: 21,
    output: [42, 200, "$LATEST"],
    transitions: 1,
  },
  {
    name: "a function's ARN as Resource: Arguments are the payload, the payload is the result",
    states: { A: { Type: "Task", Resource: functionArn("Double"), Arguments: "{% $states.input.n %}", ...end } },
    functions: { Double: (n) => n * 2 },
    input: { n: 4 },
    output: 8,
    transitions: 1,
  },
  {
    name: "Parallel gives the branches' outputs in order, whatever ends first",
    states: {
      Both: {
        ...{ Type: "Parallel", Arguments: { n: 5 }, ...end },
        Branches: [
          graph({ Slow: { Type: "Wait", Seconds: 60, Output: "{% 'slow ' & $states.input.n %}", ...end } }),
          graph({ Fast: { Type: "Wait", Seconds: 1, Output: "fast", ...end } }),
        ],
      },
    },
    output: ["slow 5", "fast"],
    transitions: 3,
  },
  {
    name: "Map runs its items with the item's index and value in the context",
    states: {
      Each: {
        ...{ Type: "Map", Items: "{% $states.input.list %}", ...end },
        ItemSelector: {
          value: "{% $states.context.Map.Item.Value %}",
          index: "{% $states.context.Map.Item.Index %}",
          all: "{% $count($states.input.list) %}",
        },
        ItemProcessor: graph({ One: task("Join") }),
      },
    },
    functions: { Join: ({ value, index, all }) => `${value}${index}/${all}` },
    input: { list: ["a", "b", "c"] },
    output: ["a0/3", "b1/3", "c2/3"],
    transitions: 4,
  },
  {
    name: "Map without Items takes its input, and an empty list has no iterations",
    states: { Each: { Type: "Map", ItemProcessor: graph({ One: pass({}) }), ...end } },
    input: [],
    output: [],
    transitions: 1,
  },
  {
    name: "inner scopes read outer variables and keep their own",
    states: {
      Set: { Type: "Pass", Assign: { factor: 10 }, Next: "Each" },
      Each: {
        ...{ Type: "Map", Items: [1, 2], Next: "Show" },
        ItemProcessor: graph({
          Times: { Type: "Pass", Assign: { product: "{% $states.input * $factor %}" }, Next: "Give" },
          Give: pass({ Output: "{% $product %}" }),
        }),
      },
      Show: pass({ Output: { products: "{% $states.input %}", leaked: "{% $exists($product) %}" } }),
    },
    output: { products: [10, 20], leaked: false },
    transitions: 7,
  },
];

describe("what a machine puts out", () => {
  test.each(examples)("$name", async ({ states, functions, input, output, transitions }) => {
    const runner = startRunner({ machine: definition(states) }, { functions });
    const outcome = await runner.run(input);
    expect(outcome).toMatchObject({ status: "SUCCEEDED", error: null });
    expect(outcome.output).toEqual(output);
    expect(outcome.transitions).toBe(transitions);
  });
});

test("Map runs no more iterations at once than MaxConcurrency says", async () => {
  let atOnce = 0;
  let most = 0;
  const runner = startRunner(
    { machine: definition({ Each: { Type: "Map", MaxConcurrency: 2, ItemProcessor: graph({ One: task("Work") }), ...end } }) },
    {
      functions: {
        Work: async () => {
          most = Math.max(most, ++atOnce);
          await runner.clock.sleepUntil(runner.clock.now() + 1000, new AbortController().signal);
          atOnce -= 1;
        },
      },
    },
  );
  expect(await runner.run([1, 2, 3, 4, 5])).toMatchObject({ status: "SUCCEEDED", milliseconds: 3000 });
  expect(most).toBe(2);
});

test("the context names execution, machine and state", async () => {
  const runner = startRunner({ machine: definition({ Look: pass({ Output: "{% $states.context %}" }) }) });
  const { output, arn } = await runner.run({ a: 1 });
  const name = arn.split(":").at(-1);
  expect(output).toEqual({
    Execution: {
      ...{ Id: arn, Input: { a: 1 }, Name: name, RoleArn: "arn:aws:iam::000000000000:role/machine" },
      ...{ StartTime: "2026-01-01T00:00:00.000Z", RedriveCount: 0 },
    },
    StateMachine: { Id: "arn:aws:states:us-east-1:000000000000:stateMachine:machine", Name: "machine" },
    State: { Name: "Look", EnteredTime: "2026-01-01T00:00:00.000Z", RetryCount: 0 },
  });
});

describe("Wait", () => {
  test.each([
    ["Seconds", { Seconds: 90 }, {}, 90_000],
    ["Seconds by expression", { Seconds: "{% $states.input.s %}" }, { s: 0 }, 0],
    ["Timestamp", { Timestamp: "2026-01-01T00:01:00Z" }, {}, 60_000],
    ["Timestamp by expression, with an offset", { Timestamp: "{% $states.input.t %}" }, { t: "2026-01-01T01:00:30.500+01:00" }, 30_500],
    ["Timestamp that is past", { Timestamp: "2025-01-01T00:00:00Z" }, {}, 0],
    ["the clock of expressions is the service's", { Timestamp: "{% $fromMillis($millis() + 5000) %}" }, {}, 5000],
  ])("%s", async (_name, wait, input, milliseconds) => {
    const runner = startRunner({ machine: definition({ Pause: { Type: "Wait", ...wait, ...end } }) });
    expect(await runner.run(input)).toMatchObject({
      status: "SUCCEEDED",
      milliseconds,
      events: ["ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"],
    });
  });
});

describe("history", () => {
  test("of a task, event by event", async () => {
    const runner = startRunner(
      { machine: definition({ Work: task("Work", { TimeoutSeconds: 5, Assign: { seen: true } }) }) },
      { functions: { Work: () => "done" } },
    );
    const { history } = await runner.run({ a: 1 });
    expect(history).toMatchObject([
      {
        id: 1,
        previousEventId: 0,
        type: "ExecutionStarted",
        executionStartedEventDetails: { input: '{"a":1}', roleArn: "arn:aws:iam::000000000000:role/machine" },
      },
      { id: 2, previousEventId: 0, type: "TaskStateEntered", stateEnteredEventDetails: { name: "Work", input: '{"a":1}' } },
      {
        ...{ id: 3, previousEventId: 2, type: "TaskScheduled" },
        taskScheduledEventDetails: {
          resourceType: "lambda",
          resource: "invoke",
          region: "us-east-1",
          timeoutInSeconds: 5,
          parameters: '{"FunctionName":"Work","Payload":{"a":1}}',
        },
      },
      { id: 4, previousEventId: 3, type: "TaskStarted", taskStartedEventDetails: { resourceType: "lambda", resource: "invoke" } },
      { id: 5, previousEventId: 4, type: "TaskSucceeded" },
      {
        id: 6,
        previousEventId: 5,
        type: "TaskStateExited",
        stateExitedEventDetails: { name: "Work", output: '"done"', assignedVariables: { seen: "true" } },
      },
      { id: 7, previousEventId: 6, type: "ExecutionSucceeded", executionSucceededEventDetails: { output: '"done"' } },
    ]);
  });

  test("of a Map one at a time: each iteration has its own line", async () => {
    const runner = startRunner({
      machine: definition({ Each: { Type: "Map", MaxConcurrency: 1, ItemProcessor: graph({ One: pass({}) }), ...end } }),
    });
    const { events } = await runner.run([1, 2]);
    const iteration = ["MapIterationStarted", "PassStateEntered", "PassStateExited", "MapIterationSucceeded"];
    expect(events).toEqual([
      "ExecutionStarted",
      "MapStateEntered",
      "MapStateStarted",
      ...iteration,
      ...iteration,
      "MapStateSucceeded",
      "MapStateExited",
      "ExecutionSucceeded",
    ]);
  });

  test("of a function by its ARN", async () => {
    const runner = startRunner(
      { machine: definition({ A: { Type: "Task", Resource: functionArn("Work"), ...end } }) },
      {
        functions: {
          Work: () => {
            throw failing("Broken");
          },
        },
      },
    );
    const { events, history } = await runner.run();
    expect(events).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "LambdaFunctionScheduled",
      "LambdaFunctionStarted",
      "LambdaFunctionFailed",
      "ExecutionFailed",
    ]);
    expect(history[4].lambdaFunctionFailedEventDetails).toEqual({
      error: "Broken",
      cause: '{"errorType":"Broken","errorMessage":"it failed","trace":[]}',
    });
  });
});
