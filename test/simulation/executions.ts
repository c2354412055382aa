import type { Workflow } from "../../domain/operation-kinds.ts";
import type { PromotionWorkflow } from "../../lambdas/ports/promotion-workflow.ts";
import type { WorkflowInput, Workflows } from "../../lambdas/ports/workflows.ts";
import { NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import type { InvocationResult } from "../../local/aws/service.ts";
import { actions } from "../../local/step-functions/actions.ts";
import type { Clock } from "../../local/step-functions/clock.ts";
import type { Json, Machine } from "../../local/step-functions/definition.ts";
import { Interpreter } from "../../local/step-functions/interpreter.ts";
import { ServiceError, startNamed } from "../../local/step-functions/start-named.ts";
import { functionArn, machineArn, role } from "../local/step-functions/machine-runner.ts";
import { definitionOf } from "../rollout/scene.ts";
import { executionStore } from "./execution-store.ts";

const names = ["rollout", "smoke-test", "rollback", "shutdown", "verification", "promotion"] as const;
/** Placeholders that stand for machines; the others stand for functions. */
const nested: Record<string, string> = { SmokeTestWorkflow: machineArn("smoke-test"), RolloutWorkflow: machineArn("rollout") };

/** What a Task of a machine is in the middle of. */
export interface Whereabouts {
  machine: string;
  state: string;
}

/** The shipped definitions, with what CloudFormation puts in place of their placeholders. Read once. */
export const machines: Machine[] = names.map((name) => {
  const text = JSON.stringify(definitionOf(name)).replaceAll(
    /\$\{(\w+)\}/g,
    (_placeholder, placeholder: string) => nested[placeholder] ?? functionArn(placeholder),
  );
  return { arn: machineArn(name), name, definition: JSON.parse(text), roleArn: role };
});

export type Invoke = (functionName: string, payload: Json) => Promise<InvocationResult>;

/** Step Functions: the shipped machines on our interpreter, without a disk. */
export class Executions implements Workflows {
  readonly store = executionStore();
  /** Step Functions does not answer when it is asked to stop this operation's. */
  deafTo: string | undefined;
  private readonly interpreter: Interpreter;

  constructor(clock: Clock, random: () => number, invoke: Invoke) {
    this.interpreter = new Interpreter({
      ...{ store: this.store, machines, clock, random, authorize: () => {}, transitioned: () => {} },
      statusChanged: async () => {},
      report: (error) => {
        throw error;
      },
      invoke: (name, payload) => invoke(name.split(":").at(-1) ?? "", payload),
    });
  }

  start = async (workflow: Workflow, input: WorkflowInput): Promise<void> => this.begin(workflow, input.operation_id, input);
  stop = async (workflow: Workflow, operationId: string, cause: string): Promise<void> => this.abort(workflow, operationId, cause);
  status = async (workflow: Workflow, operationId: string): ReturnType<Workflows["status"]> =>
    this.store.execution(executionArn(workflow, operationId))?.status;

  /** The one machine that carries out promotions. */
  readonly promotions: PromotionWorkflow = {
    start: async (id, group) => this.begin("promotion", id, { promotion_id: id, group }),
    stop: async (id, cause) => this.abort("promotion", id, cause),
    status: async (id) => this.store.execution(executionArn("promotion", id))?.status,
    wake: async (taskToken) =>
      unless(["TaskTimedOut", "InvalidToken"], () => actions.SendTaskSuccess?.(this.interpreter, { taskToken, output: "{}" })),
  };

  private begin(machine: string, name: string, input: object): void {
    unless(["ExecutionAlreadyExists"], () => startNamed(this.interpreter, machineArn(machine), { name, input: JSON.stringify(input) }));
  }

  private abort(machine: string, name: string, cause: string): void {
    if (this.deafTo === name) throw new NoAnswer("the request was not answered in time", false);
    this.interpreter.abort(executionArn(machine, name), "Stopped", cause);
  }

  /** Which state runs a function for an operation or a promotion. */
  whereaboutsOf(operationId: string, functionName: string): Whereabouts | undefined {
    for (const { arn, name, machine_name: machine } of this.store.running()) {
      const state = name.startsWith(operationId) ? this.store.footsteps.stateOf(arn) : null;
      const definition = state === null ? undefined : machines.find((one) => one.name === machine)?.definition.States[state];
      if (state !== null && JSON.stringify(definition).includes(`"${functionArn(functionName)}"`)) return { machine, state };
    }
    return undefined;
  }

  isBusy(): boolean {
    return this.store.running().length > 0;
  }

  /** Ends every wait, so that nothing of this world goes on. */
  halt(): Promise<void> {
    return this.interpreter.halt();
  }
}

/** As the adapters take them: these refusals say that there is nothing left to do. */
function unless(codes: string[], act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ServiceError) || !codes.includes(error.code)) throw error;
  }
}

const executionArn = (workflow: string, name: string): string => `${machineArn(workflow).replace(":stateMachine:", ":execution:")}:${name}`;
