import { afterEach, expect, test } from "vitest";
import {
  cleanUp,
  definition,
  end,
  failing,
  graph,
  type LocalFunction,
  never,
  type Outcome,
  pass,
  type States,
  startRunner,
  task,
} from "./machine-runner.ts";

afterEach(cleanUp);

/** As AWS records them: `id<-previousEventId type`, from the third event on. */
const line = ({ history }: Outcome) => history.slice(2).map(({ id, previousEventId, type }) => `${id}<-${previousEventId} ${type}`);

const broken: LocalFunction = () => {
  throw failing("Broken");
};
const breaksAtTwo: LocalFunction = (item) => {
  if (item === 2) throw failing("Broken");
  return never();
};
const each = (one: object, more: object = {}) => ({ Type: "Map", ItemProcessor: graph({ One: one }), ...end, ...more });
const undefinedOutput = { Output: "{% $nothing %}" };

interface Example {
  name: string;
  states: States;
  functions?: Record<string, LocalFunction>;
  input?: unknown;
  line: string[];
}

const examples: Example[] = [
  {
    name: "the next iteration follows the states of the one that made room for it; what closes them stands beside the line",
    states: { Each: each(pass({}), { MaxConcurrency: 1 }) },
    input: [1, 2],
    line: [
      "3<-2 MapStateStarted",
      "4<-3 MapIterationStarted",
      "5<-4 PassStateEntered",
      "6<-5 PassStateExited",
      "7<-6 MapIterationSucceeded",
      "8<-6 MapIterationStarted",
      "9<-8 PassStateEntered",
      "10<-9 PassStateExited",
      "11<-10 MapIterationSucceeded",
      "12<-11 MapStateSucceeded",
      "13<-11 MapStateExited",
      "14<-13 ExecutionSucceeded",
    ],
  },
  {
    name: "a Map without items",
    states: { Each: each(pass({})) },
    input: [],
    line: ["3<-2 MapStateStarted", "4<-3 MapStateSucceeded", "5<-3 MapStateExited", "6<-5 ExecutionSucceeded"],
  },
  {
    name: "what failed is aborted, too, and everything follows the failure",
    states: { Each: each(task("Work")) },
    functions: { Work: breaksAtTwo },
    input: [2, 1],
    line: [
      "3<-2 MapStateStarted",
      "4<-3 MapIterationStarted",
      "5<-3 MapIterationStarted",
      "6<-4 TaskStateEntered",
      "7<-5 TaskStateEntered",
      "8<-6 TaskScheduled",
      "9<-8 TaskStarted",
      "10<-7 TaskScheduled",
      "11<-10 TaskStarted",
      "12<-9 TaskFailed",
      "13<-12 MapIterationFailed",
      "14<-12 TaskStateAborted",
      "15<-12 MapIterationAborted",
      "16<-12 TaskStateAborted",
      "17<-12 MapStateFailed",
      "18<-17 ExecutionFailed",
    ],
  },
  {
    name: "a Map is tried again after the failure",
    states: {
      Each: each({ Type: "Fail", Error: "Broken" }, { Retry: [{ ErrorEquals: ["Broken"], MaxAttempts: 1 }] }),
    },
    input: [1],
    line: [
      "3<-2 MapStateStarted",
      "4<-3 MapIterationStarted",
      "5<-4 FailStateEntered",
      "6<-5 MapIterationFailed",
      "7<-5 MapStateStarted",
      "8<-7 MapIterationStarted",
      "9<-8 FailStateEntered",
      "10<-9 MapIterationFailed",
      "11<-9 MapStateFailed",
      "12<-11 ExecutionFailed",
    ],
  },
  {
    name: "a branch that fails by a task",
    states: {
      Both: { Type: "Parallel", Branches: [graph({ A: task("Work") })], Catch: [{ ErrorEquals: ["States.ALL"], Next: "B" }], Next: "B" },
      B: { Type: "Succeed" },
    },
    functions: { Work: broken },
    line: [
      "3<-2 ParallelStateStarted",
      "4<-3 TaskStateEntered",
      "5<-4 TaskScheduled",
      "6<-5 TaskStarted",
      "7<-6 TaskFailed",
      "8<-7 TaskStateAborted",
      "9<-7 ParallelStateFailed",
      "10<-9 ParallelStateExited",
      "11<-10 SucceedStateEntered",
      "12<-11 SucceedStateExited",
      "13<-12 ExecutionSucceeded",
    ],
  },
  {
    name: "a Parallel that succeeds",
    states: { Both: { Type: "Parallel", Branches: [graph({ A: pass({}) })], ...end } },
    line: [
      "3<-2 ParallelStateStarted",
      "4<-3 PassStateEntered",
      "5<-4 PassStateExited",
      "6<-5 ParallelStateSucceeded",
      "7<-5 ParallelStateExited",
      "8<-7 ExecutionSucceeded",
    ],
  },
  {
    name: "an expression that fails before anything has happened in its state",
    states: { A: pass({ Next: "B", End: undefined }), B: pass(undefinedOutput) },
    line: ["3<-2 PassStateExited", "4<-3 PassStateEntered", "5<-3 EvaluationFailed", "6<-5 ExecutionFailed"],
  },
  {
    name: "an expression that fails in a Wait",
    states: { A: { Type: "Wait", Timestamp: "{% 'soon' %}", ...end } },
    line: ["3<-2 EvaluationFailed", "4<-3 ExecutionFailed"],
  },
  {
    name: "an expression that fails after the task has succeeded",
    states: { A: task("Work", undefinedOutput) },
    functions: { Work: () => 1 },
    line: ["3<-2 TaskScheduled", "4<-3 TaskStarted", "5<-4 TaskSucceeded", "6<-5 EvaluationFailed", "7<-6 ExecutionFailed"],
  },
];

test.each(examples)("$name", async ({ states, functions, input, line: expected }) => {
  const runner = startRunner({ machine: definition(JSON.parse(JSON.stringify(states))) }, { functions });
  expect(line(await runner.run(input))).toEqual(expected);
});

test("an end from outside follows nothing", async () => {
  const slow = { A: { Type: "Wait", Seconds: 100, ...end } };
  const timedOut = await startRunner({ machine: definition(slow, { TimeoutSeconds: 10 }) }).run();
  expect(line(timedOut)).toEqual(["3<-0 ExecutionTimedOut"]);
  expect(timedOut.history.at(-1).executionTimedOutEventDetails).toEqual({});
});
