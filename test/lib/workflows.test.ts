import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { definitionFolder, placeholders } from "../../lib/toolkit/workflow-from-file.ts";
import { constructOf, list, statementsByRole, synthesize, type TemplateResource } from "./synthesized.ts";

const synthesized = synthesize();
const machines = synthesized.ofType("AWS::StepFunctions::StateMachine").map(([, resource]) => resource);
const statements = statementsByRole(synthesized);
const files = readdirSync(definitionFolder).filter((name) => name.endsWith(".asl.json"));
const textOf = (file: string) => readFileSync(join(definitionFolder, file), "utf8");
const target = (substitution: { Ref?: string; "Fn::GetAtt"?: string[] }): string => {
  const id = substitution.Ref ?? substitution["Fn::GetAtt"]?.[0] ?? "";
  return constructOf(synthesized.resources[id] as TemplateResource);
};

describe("state machines", () => {
  it("are the files of statemachines/, word for word", () => {
    expect(machines.map(({ Properties }) => Properties.DefinitionString).sort()).toEqual(files.map(textOf).sort());
  });

  it("have every placeholder filled with the construct that it names", () => {
    for (const { Properties } of machines) {
      const filled = Object.entries(Properties.DefinitionSubstitutions).map(([name, value]) => [name, target(value as object)]);
      expect(filled.map(([name]) => name).sort()).toEqual(placeholders(Properties.DefinitionString));
      for (const [name, construct] of filled) expect(construct).toBe(name);
    }
  });

  it("may call exactly what they name", () => {
    for (const machine of machines) {
      const called = (statements[`${constructOf(machine)}/Role`] ?? [])
        .filter(({ Action }) => ["lambda:InvokeFunction", "states:StartExecution"].includes(list(Action)[0] as string))
        .flatMap(({ Resource }) => list(Resource as object | object[]).map(target));
      expect(called.sort()).toEqual(placeholders(machine.Properties.DefinitionString));
    }
  });

  it("may watch and stop a nested execution", () => {
    const actions = (statements["RolloutWorkflow/Role"] ?? []).flatMap(({ Action }) => list(Action));
    const needed = ["states:DescribeExecution", "states:StopExecution", "events:PutTargets", "events:PutRule", "events:DescribeRule"];
    expect(actions).toEqual(expect.arrayContaining(needed));
  });

  it("log every transition, without anybody's data, and are traced", () => {
    for (const { Properties } of machines) {
      expect(Properties).toMatchObject({
        StateMachineType: "STANDARD",
        LoggingConfiguration: { IncludeExecutionData: false, Level: "ALL" },
        TracingConfiguration: { Enabled: true },
      });
    }
  });
});

describe("steps", () => {
  interface State {
    Type: string;
    TimeoutSeconds?: number | string;
    Arguments?: { FunctionName?: string };
  }
  const tasks = files.flatMap((file) =>
    Object.entries((JSON.parse(textOf(file)) as { States: Record<string, State> }).States)
      .filter(([, { Arguments }]) => Arguments?.FunctionName)
      .map(([name, state]) => ({
        task: `${file} ${name}`,
        functionName: state.Arguments?.FunctionName?.slice(2, -1),
        limit: state.TimeoutSeconds,
      })),
  );
  const timeouts = Object.fromEntries(
    synthesized.ofType("AWS::Lambda::Function").map(([, resource]) => [constructOf(resource), resource.Properties.Timeout as number]),
  );

  // What waits for a person has only to hand over its token in that time.
  it.each(tasks.filter(({ limit }) => typeof limit === "number"))(
    "$task outlives its function, whose own error is then what is seen",
    ({ functionName, limit }) => {
      expect(timeouts[functionName as string]).toBeLessThanOrEqual(limit as number);
    },
  );
});
