import { afterEach, describe, expect, test } from "vitest";
import {
  cleanUp,
  definition,
  end,
  FunctionError,
  failing,
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
    name: "a day that is not in the calendar",
    states: { A: { Type: "Wait", Timestamp: "{% '2026-02-30T00:00:00Z' %}", ...end } },
    error: "States.QueryEvaluationError",
    cause: /cannot be parsed as an ISO-8601/,
  },
  {
    name: "an hour that the day has not",
    states: { A: { Type: "Wait", Timestamp: "{% '2026-02-20T24:00:00Z' %}", ...end } },
    error: "States.QueryEvaluationError",
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
  {
    name: "Fail with a name that is reserved",
    states: { A: { Type: "Fail", Error: "{% 'States.Timeout' %}", Cause: "why" } },
    error: "States.Runtime",
    cause: "The Error of the state 'A' is 'States.Timeout', but names that begin with 'States.' are reserved. Its Cause is: why",
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
    name: "an argument of an integration that an expression gives",
    states: { A: task("Work", { Arguments: "{% {'FunctionName': 'Work', 'InvocationType': 'Event'} %}" }) },
    functions: { Work: () => 1 },
    error: "States.Runtime",
    cause: "The Arguments of the state 'A': InvocationType is not supported (FunctionName, Payload).",
  },
  {
    name: "a function that does not exist",
    states: { A: task("Nobody") },
    error: "Lambda.ResourceNotFoundException",
    cause:
      /Function not found: Nobody \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: \S+; Proxy: null\)/,
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
    expect(outcome).toMatchObject({ status: "TIMED_OUT", error: null, cause: null, milliseconds: 30_000 });
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
