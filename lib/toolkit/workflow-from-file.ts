import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Arn, ArnFormat, Aws, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

export const definitionFolder = join(import.meta.dirname, "..", "..", "statemachines");

export interface WorkflowFromFileProps {
  /** Name in `statemachines/`, without `.asl.json`. */
  definition: string;
  /** Where `${Name}` may lead: functions and workflows by construct id. */
  functions: Readonly<Record<string, IFunction>>;
  workflows?: readonly WorkflowFromFile[];
  log_retention_days: RetentionDays;
}

/**
 * A Standard state machine whose only source is its file. Placeholders are construct ids; what they name is also what
 * the machine may call: a definition from a file grants nothing by itself.
 */
export class WorkflowFromFile extends StateMachine {
  constructor(scope: Construct, id: string, props: WorkflowFromFileProps) {
    const text = readFileSync(join(definitionFolder, `${props.definition}.asl.json`), "utf8");
    const callees = placeholders(text).map((name) => callee(name, props));
    // Log groups for vended logs share one resource policy of limited length unless they carry this prefix.
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      logGroupName: `/aws/vendedlogs/states/${Aws.STACK_NAME}-${id}`,
      retention: props.log_retention_days,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(text),
      definitionSubstitutions: Object.fromEntries(callees.map(({ name, arn }) => [name, arn])),
      // Execution data is in the history for those who may read it, and in no log.
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    for (const { allow } of callees) allow(this);
  }

  /** ARN of every execution of this machine, for permissions. */
  get executionArns(): string {
    return Stack.of(this).formatArn({
      service: "states",
      resource: "execution",
      resourceName: `${this.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

interface Callee {
  name: string;
  arn: string;
  allow(caller: WorkflowFromFile): void;
}

/** Construct ids that a definition names. */
export function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map(([, name]) => name as string))].sort();
}

function callee(name: string, { definition, functions, workflows = [] }: WorkflowFromFileProps): Callee {
  const called = functions[name];
  if (called) return { name, arn: called.functionArn, allow: (caller) => allow(caller, ["lambda:InvokeFunction"], [called.functionArn]) };
  const nested = workflows.find(({ node }) => node.id === name);
  if (nested) return { name, arn: nested.stateMachineArn, allow: (caller) => allowNested(caller, nested) };
  const known = [...Object.keys(functions), ...workflows.map(({ node }) => node.id)].join(", ");
  throw new Error(`statemachines/${definition}.asl.json names \${${name}}, which is no construct. Known: ${known}`);
}

/** A nested execution that is waited for is watched by a rule that Step Functions itself keeps in the account. */
function allowNested(caller: WorkflowFromFile, nested: WorkflowFromFile): void {
  const rule = { service: "events", resource: "rule", resourceName: "StepFunctionsGetEventsForStepFunctionsExecutionRule" };
  allow(caller, ["states:StartExecution"], [nested.stateMachineArn]);
  allow(caller, ["states:DescribeExecution", "states:StopExecution"], [nested.executionArns]);
  allow(caller, ["events:PutTargets", "events:PutRule", "events:DescribeRule"], [Arn.format(rule, Stack.of(caller))]);
}

function allow(caller: WorkflowFromFile, actions: string[], resources: string[]): void {
  caller.addToRolePolicy(new PolicyStatement({ actions, resources }));
}
