import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { cleanUp, definition, end, functionArn, graph, machineArn, type States, startRunner, task } from "./machine-runner.ts";

afterEach(cleanUp);

const fine = { Type: "Succeed" };
const map = (more: object) => ({ Type: "Map", ItemProcessor: graph({ I: fine }), ...end, ...more });

const refused: [string, object, string][] = [
  ["a machine in JSONPath", graph({ A: fine }), 'QueryLanguage is "JSONPath"'],
  ["a field of the machine", definition({ A: fine }, { Surprise: 1 }), "the field Surprise is not supported"],
  ["a state in JSONPath", definition({ A: { ...fine, QueryLanguage: "JSONPath" } }), "state 'A': field QueryLanguage"],
  [
    "a field of JSONPath",
    definition({ A: { Type: "Pass", ResultPath: "$.x", ...end } }),
    "state 'A': the field ResultPath is not supported in a Pass state",
  ],
  ["Credentials", definition({ A: task("W", { Credentials: { RoleArn: "x" } }) }), "state 'A': the field Credentials"],
  ["a state type", definition({ A: { Type: "Loop" } }), "state 'A': the Type \"Loop\" is not supported"],
  [
    "an integration",
    definition({ A: { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", ...end } }),
    "state 'A': field Resource: arn:aws:states:::sqs:sendMessage",
  ],
  [
    "an activity",
    definition({ A: { Type: "Task", Resource: "arn:aws:states:us-east-1:000000000000:activity:x", ...end } }),
    "state 'A': field Resource",
  ],
  [
    "an argument of an integration",
    definition({ A: task("W", { Arguments: { FunctionName: "W", InvocationType: "Event" } }) }),
    "field Arguments: InvocationType",
  ],
  ["a missing argument", definition({ A: task("W", { Arguments: { Payload: 1 } }) }), "field Arguments: FunctionName is missing"],
  [
    "a distributed Map",
    definition({
      A: map({ ItemProcessor: { ...graph({ I: fine }), ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } } }),
    }),
    'field ItemProcessor: the Mode "DISTRIBUTED"',
  ],
  ["a Map's tolerance", definition({ A: map({ ToleratedFailureCount: 1 }) }), "state 'A': the field ToleratedFailureCount"],
  ["an ItemReader", definition({ A: map({ ItemReader: {} }) }), "state 'A': the field ItemReader"],
  [
    "something inside a Map",
    definition({ A: map({ ItemProcessor: graph({ I: { ...fine, InputPath: "$" } }) }) }),
    "state 'A/I': the field InputPath",
  ],
  [
    "something inside a branch",
    definition({ A: { Type: "Parallel", Branches: [graph({ B: { ...fine, Result: 1 } })], ...end } }),
    "state 'A/B': the field Result",
  ],
  [
    "$eval",
    definition({ A: { Type: "Pass", Output: { x: "{% $eval('1') %}" }, ...end } }),
    "state 'A': field Output/x: $eval does not exist",
  ],
  [
    "a result before there is one",
    definition({ A: task("W", { Arguments: { FunctionName: "W", Payload: "{% [1, $states.result.x] %}" } }) }),
    "state 'A': field Arguments/Payload: $states.result is only there in Output and Assign of Task, Map and Parallel",
  ],
  [
    "a result of what has none",
    definition({ A: { Type: "Pass", Output: "{% $states.result %}", ...end } }),
    "state 'A': field Output: $states.result is only there",
  ],
  [
    "an error outside of a Catch",
    definition({ A: task("W", { Output: "{% $string($states.errorOutput.Error) %}" }) }),
    "state 'A': field Output: $states.errorOutput is only there in Output and Assign of a Catch",
  ],
  ["broken JSONata", definition({ A: { Type: "Pass", Output: "{% 1 + %}", ...end } }), "state 'A': field Output: 1 + is no JSONata"],
  [
    "States.ALL in company",
    definition({ A: task("W", { Retry: [{ ErrorEquals: ["States.ALL", "X"] }] }) }),
    "field Retry: States.ALL must stand alone",
  ],
  [
    "States.ALL before others",
    definition({
      A: task("W", {
        Catch: [
          { ErrorEquals: ["States.ALL"], Next: "B" },
          { ErrorEquals: ["X"], Next: "B" },
        ],
        Next: "B",
      }),
      B: fine,
    }),
    "field Catch: States.ALL must stand alone, and last",
  ],
  [
    "an inner scope that assigns an outer variable",
    definition({
      S: { Type: "Pass", Assign: { x: 1 }, Next: "A" },
      A: map({ ItemProcessor: graph({ I: { Type: "Pass", Assign: { x: 2 }, ...end } }) }),
    }),
    "state 'A/I': field Assign: the variable 'x' belongs to an outer scope",
  ],
  ["assigning $states", definition({ A: { Type: "Pass", Assign: { states: 1 }, ...end } }), "field Assign: 'states'"],
  ["a sub-path of a variable", definition({ A: { Type: "Pass", Assign: { "x.y": 1 }, ...end } }), "field Assign: 'x.y'"],
  [
    "a Condition that is a text",
    definition({ A: { Type: "Choice", Choices: [{ Condition: "yes", Next: "B" }], Default: "B" }, B: fine }),
    "state 'A': field Condition",
  ],
  ["a reserved name of an error", definition({ A: { Type: "Fail", Error: "States.Timeout" } }), "state 'A': field Error: States.Timeout"],
  [
    "no Arguments",
    definition({ A: task("W", { Arguments: undefined }) }),
    "field Arguments: must be an object with FunctionName, not nothing",
  ],
  [
    "Arguments that are a text",
    definition({ A: task("W", { Arguments: "W" }) }),
    'field Arguments: must be an object with FunctionName, not "W"',
  ],
  ["an Assign of nothing", definition({ A: { Type: "Pass", Assign: null, ...end } }), "state 'A': field Assign: must be an object"],
  [
    "a processor's own limit of time",
    definition({ A: map({ ItemProcessor: { ...graph({ I: fine }), TimeoutSeconds: 5 } }) }),
    "state 'A': field ItemProcessor: TimeoutSeconds is not supported",
  ],
  [
    "a word about how a processor is run",
    definition({ A: map({ ItemProcessor: { ...graph({ I: fine }), ProcessorConfig: { Mode: "INLINE", ExecutionType: "STANDARD" } } }) }),
    "state 'A': field ItemProcessor: ProcessorConfig/ExecutionType is not supported",
  ],
  [
    "a branch's own limit of time",
    definition({ A: { Type: "Parallel", Branches: [{ ...graph({ B: fine }), TimeoutSeconds: 5 }], ...end } }),
    "state 'A': field Branches: TimeoutSeconds is not supported",
  ],
  ["no branches", definition({ A: { Type: "Parallel", Branches: [], ...end } }), "state 'A': field Branches: must be a list"],
  ["another version", definition({ A: fine }, { Version: "2.0" }), 'field Version: must be "1.0", not "2.0"'],
  ["no time for the machine", definition({ A: fine }, { TimeoutSeconds: 0 }), "field TimeoutSeconds: must be an integer from 1"],
  ["more than three years", definition({ A: { Type: "Wait", Seconds: 100_000_000, ...end } }), "field Seconds: must be an integer from 0"],
  [
    "a heartbeat that no time is left for",
    definition({ A: task("W", { TimeoutSeconds: 5, HeartbeatSeconds: 5 }) }),
    "state 'A': field HeartbeatSeconds: must be less than TimeoutSeconds (5), not 5",
  ],
  ...(
    [
      [{ BackoffRate: 0.5 }, "BackoffRate: must be a number of at least 1, not 0.5"],
      [{ IntervalSeconds: 0 }, "IntervalSeconds: must be an integer from 1 to 99999999, not 0"],
      [{ MaxAttempts: -1 }, "MaxAttempts: must be an integer from 0 to 99999999, not -1"],
      [{ MaxDelaySeconds: 0 }, "MaxDelaySeconds: must be an integer from 1 to 31622399, not 0"],
      [{ JitterStrategy: "SOME" }, 'JitterStrategy: must be "FULL" or "NONE", not "SOME"'],
      [{ ErrorEquals: [] }, "ErrorEquals: must be a list of at least one error name, not []"],
    ] as const
  ).map(([more, said]): [string, object, string] => [
    `a retrier's ${Object.keys(more)[0]}`,
    definition({ A: task("W", { Retry: [{ ErrorEquals: ["X"], ...more }] }) }),
    `state 'A': field Retry[0]/${said}`,
  ]),
  [
    "a day that is not in the calendar",
    definition({ A: { Type: "Wait", Timestamp: "2026-02-30T00:00:00Z", ...end } }),
    "state 'A': field Timestamp: 2026-02-30",
  ],
  ["a time that is none", definition({ A: { Type: "Wait", Timestamp: "tomorrow", ...end } }), "state 'A': field Timestamp: tomorrow"],
  ["a target that does not exist", definition({ A: { Type: "Pass", Next: "Nowhere" } }), "Nowhere"],
  ["a state that cannot be reached", definition({ A: fine, B: fine }), "B"],
  ["a state that leads nowhere", definition({ A: { Type: "Pass" } }), "A"],
];

describe("refused at start, by machine, state and field", () => {
  test.each(refused)("%s", (_name, machine, message) => {
    expect(() => startRunner({ "the-machine": machine })).toThrow(message);
    expect(() => startRunner({ "the-machine": machine })).toThrow("The state machine 'the-machine' cannot run here");
  });

  test("everything that is wrong is said at once", () => {
    const machine = definition({ A: { Type: "Pass", ResultPath: "$", Next: "B" }, B: { ...fine, InputPath: "$" } });
    expect(() => startRunner({ machine })).toThrow(/ResultPath[\s\S]*InputPath/);
  });
});

const states: [string, States][] = [
  [
    "literals wherever AWS takes them",
    {
      A: { Type: "Pass", Output: null, Next: "B" },
      B: { Type: "Choice", Choices: [{ Condition: true, Next: "C", Output: 1 }] },
      C: { Type: "Succeed", Output: "text" },
    },
  ],
  [
    "Comments in rules, retriers and catchers",
    {
      A: task("W", {
        Retry: [{ Comment: "why", ErrorEquals: ["X"] }],
        Catch: [{ Comment: "why", ErrorEquals: ["X"], Next: "B" }],
        Next: "B",
      }),
      B: fine,
    },
  ],
  ["Arguments as one expression", { A: { Type: "Task", Resource: functionArn("W"), Arguments: "{% $states.input %}", ...end } }],
  [
    "two inner scopes with variables of the same name",
    { A: { Type: "Parallel", Branches: [0, 1].map((n) => graph({ [`B${n}`]: { Type: "Pass", Assign: { x: n }, ...end } })), ...end } },
  ],
];
test.each(states)("accepted: %s", (_name, one) => {
  expect(() => startRunner({ machine: definition(one) })).not.toThrow();
});

/** The machines that are deployed, with every placeholder replaced as the template would. */
const folder = new URL("../../../statemachines/", import.meta.url);
test.each(readdirSync(folder).filter((file) => file.endsWith(".asl.json")))("accepted: statemachines/%s", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const replaced = text.replace(/\$\{(\w+)\}/g, (_all, name: string) => (name.endsWith("Workflow") ? machineArn(name) : functionArn(name)));
  expect(() => startRunner({ [file.split(".")[0] ?? file]: JSON.parse(replaced) })).not.toThrow();
});
