import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workflowErrorNames } from "../../domain/errors.ts";
import { functionSettings } from "../../lambdas/runtime/settings.ts";

const root = join(import.meta.dirname, "..", "..");
const machines = ["rollout", "smoke-test", "rollback", "shutdown", "verification", "promotion"] as const;
/** The package says it is a module, and is none. */
const validate = createRequire(import.meta.url)("asl-validator") as (definition: object) => { isValid: boolean; errorsText: () => string };

interface State {
  Type: string;
  Comment?: string;
  Resource?: string;
  Error?: string;
  TimeoutSeconds?: number | string;
  Arguments?: { FunctionName?: string; StateMachineArn?: string };
  Retry?: {
    Comment?: string;
    ErrorEquals: string[];
    IntervalSeconds: number;
    BackoffRate: number;
    MaxAttempts: number;
    MaxDelaySeconds?: number;
  }[];
  Catch?: { Comment?: string; ErrorEquals: string[]; Next: string }[];
}
const text = (machine: string) => readFileSync(join(root, "statemachines", `${machine}.asl.json`), "utf8");
const statesOf = (machine: string) => Object.entries((JSON.parse(text(machine)) as { States: Record<string, State> }).States);
const allStates = machines.flatMap((machine) => statesOf(machine).map(([name, state]) => ({ machine, name, state })));
const functionOf = ({ Arguments }: State) => /^\$\{(\w+)\}$/.exec(Arguments?.FunctionName ?? "")?.[1];
const kebab = (name: string) => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();

/** What Lambda, Step Functions and its integration of itself call their own errors. */
const serviceErrors = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
  "Lambda.Unknown",
  "Sandbox.Timedout",
  "StepFunctions.SdkClientException",
  "StepFunctions.ExecutionLimitExceededException",
  "States.Timeout",
  "States.ALL",
];

const used = [...new Set(allStates.flatMap(({ state }) => functionOf(state) ?? []))].sort();
const steps = Object.keys(functionSettings).filter((name) => existsSync(stepFile(name)));

function stepFile(name: string): string {
  const folders = ["rollout", "smoke-test", "shutdown", "promotion"].map((folder) => join(root, "lambdas", folder, `${kebab(name)}.ts`));
  return folders.find((file) => existsSync(file)) ?? (folders[0] as string);
}

describe.each(machines)("%s", (machine) => {
  it("is valid Amazon States Language, in JSONata, with a time limit", () => {
    const definition = JSON.parse(text(machine));
    const { isValid, errorsText } = validate(definition);
    expect(isValid, errorsText()).toBe(true);
    expect(definition.QueryLanguage).toBe("JSONata");
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
  });

  it("says of every state why it is there", () => {
    expect(statesOf(machine).filter(([, { Comment }]) => !Comment)).toEqual([]);
  });

  it("names every Task as its function, or beginning with it, and limits its time", () => {
    for (const [name, state] of statesOf(machine)) {
      const named = functionOf(state);
      if (named) expect(name.startsWith(named), `${name} runs ${named}`).toBe(true);
      // How long a person may take, the promotion's policy says.
      const limit = typeof state.TimeoutSeconds === "string" ? 1 : state.TimeoutSeconds;
      if (state.Type === "Task") expect(limit, name).toBeGreaterThan(0);
    }
  });

  it("catches a stale epoch before anything else, where a function can say so", () => {
    for (const [name, { Catch = [], Resource = "" }] of statesOf(machine)) {
      // Of a nested execution Step Functions says no more than that it failed; the next state finds the epoch stale.
      if (Resource.includes("startExecution")) continue;
      if (Catch.length > 0) expect(Catch[0]?.ErrorEquals, name).toEqual([workflowErrorNames.StaleEpoch]);
      if (Catch.length > 0) expect(Catch[0]?.Next, name).toBe("Superseded");
    }
  });

  it("tells in each retry policy's comment how long it waits", () => {
    for (const [name, { Retry = [] }] of statesOf(machine)) {
      for (const { Comment = "", IntervalSeconds, BackoffRate, MaxAttempts, MaxDelaySeconds = Number.POSITIVE_INFINITY } of Retry) {
        const waits = Array.from({ length: MaxAttempts }, (_, attempt) =>
          Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds),
        );
        expect(Comment, name).toContain(`${waits.join(" + ")} = ${waits.reduce((sum, wait) => sum + wait, 0)} s`);
      }
    }
  });
});

it("fails by no name that is Step Functions' own", () => {
  const fails = allStates.filter(({ state }) => state.Type === "Fail");
  expect(new Set(fails.map(({ state }) => state.Error))).toEqual(new Set(["{% $replace($failure.Error, 'States.', 'States') %}"]));
});

it("matches only errors that somebody throws by that name", () => {
  const matched = allStates.flatMap(({ state }) =>
    [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals),
  );
  const known = [...Object.values(workflowErrorNames), ...serviceErrors];
  expect([...new Set(matched)].filter((name) => !known.includes(name))).toEqual([]);
  expect([...new Set(matched)].filter((name) => name in workflowErrorNames).sort()).toEqual([
    "ClusterUnavailable",
    "ServiceUnavailable",
    "StaleEpoch",
  ]);
});

it("has one function, one file and one entry for each placeholder, and no step without one", () => {
  expect(used).toEqual(steps.sort());
  expect(used.filter((name) => !existsSync(join(root, "lambdas", "entry", `${kebab(name)}.ts`)))).toEqual([]);
});

it("knows no other placeholder than functions and the nested machine", () => {
  const placeholders = machines.flatMap((machine) => [...text(machine).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name as string));
  expect([...new Set(placeholders)].sort()).toEqual([...used, "RolloutWorkflow", "SmokeTestWorkflow"].sort());
});

it("leads every failure to the record, and past it to a failed execution", () => {
  for (const machine of ["rollout", "rollback", "shutdown", "verification"]) {
    const states = new Map(statesOf(machine));
    const ends = new Set(
      allStates.filter((one) => one.machine === machine).flatMap(({ state }) => (state.Catch ?? []).map(({ Next }) => Next)),
    );
    for (const next of ends) expect(states.has(next), `${machine}: ${next}`).toBe(true);
    expect(states.get("RecordFailure")).toMatchObject({ Next: "Failed" });
    expect(states.get("Failed")?.Type).toBe("Fail");
    expect(states.get("Superseded")?.Type).toBe("Succeed");
  }
});
