import { afterAll } from "vitest";
import type { Workflow } from "../../domain/operation-kinds.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { awaitReady } from "../../lambdas/rollout/await-ready.ts";
import { bake } from "../../lambdas/rollout/bake.ts";
import { complete } from "../../lambdas/rollout/complete.ts";
import { ensureCapacity } from "../../lambdas/rollout/ensure-capacity.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { recordFailure } from "../../lambdas/rollout/record-failure.ts";
import { retireSlot } from "../../lambdas/rollout/retire-slot.ts";
import { shiftTraffic } from "../../lambdas/rollout/shift-traffic.ts";
import { takeRouteAway } from "../../lambdas/rollout/take-route-away.ts";
import { withTaskErrors } from "../../lambdas/rollout/task-errors.ts";
import { completeShutdown } from "../../lambdas/shutdown/complete-shutdown.ts";
import { probeServer } from "../../lambdas/smoke-test/probe-server.ts";
import { sendSmokeTests } from "../../lambdas/smoke-test/send-smoke-tests.ts";
import {
  cleanUp,
  FunctionError,
  machineArn,
  type Outcome,
  outcomeOf,
  type Runner,
  startRunner,
} from "../local/step-functions/machine-runner.ts";
import { allTheTime, definitionOf, type Scene } from "./scene.ts";

export const stepFunctions = [
  "Prepare",
  "ProvisionSlot",
  "AwaitReady",
  "ProbeServer",
  "SendSmokeTests",
  "EnsureCapacity",
  "ShiftTraffic",
  "Bake",
  "Complete",
  "TakeRouteAway",
  "RetireSlot",
  "RecordFailure",
  "CompleteShutdown",
] as const;
export type StepFunction = (typeof stepFunctions)[number];
// biome-ignore lint/suspicious/noExplicitAny: each step has its own input
type Step = (input: any, ports: any) => Promise<unknown>;

const steps: Record<StepFunction, Step> = {
  Prepare: prepare,
  ProvisionSlot: provisionSlot,
  AwaitReady: (input, ports) => awaitReady(input, ports, allTheTime),
  ProbeServer: probeServer,
  SendSmokeTests: (input, ports) => sendSmokeTests(input, ports, allTheTime),
  EnsureCapacity: ensureCapacity,
  ShiftTraffic: shiftTraffic,
  Bake: (input, ports) => bake(input, ports, allTheTime),
  Complete: complete,
  TakeRouteAway: takeRouteAway,
  RetireSlot: retireSlot,
  RecordFailure: recordFailure,
  CompleteShutdown: completeShutdown,
};

afterAll(cleanUp);

/** The state machines as they are deployed, run by the local interpreter; their functions are the steps, on doubles. */
export class WorkflowScene {
  readonly scene: Scene;
  readonly runner: Runner;
  /** Called before a function; what it throws is what the function throws. */
  before: (name: StepFunction, call: number) => void | Promise<void> = () => {};

  constructor(scene: Scene) {
    this.scene = scene;
    const machines = Object.fromEntries(
      ["rollout", "smoke-test", "rollback", "shutdown", "verification"].map((name) => [name, substituted(definitionOf(name))]),
    );
    const functions = Object.fromEntries(
      stepFunctions.map((name) => [name, (payload: unknown, call: number) => this.invoke(name, payload, call)]),
    );
    this.runner = startRunner(machines, { functions, clock: scene.virtual });
  }

  async run(machine: Workflow, input: WorkflowInput): Promise<Outcome> {
    const { executionArn } = this.runner.startExecution(machineArn(machine), { name: input.operation_id, input });
    return outcomeOf(this.runner, executionArn);
  }

  private async invoke(name: StepFunction, payload: unknown, call: number): Promise<unknown> {
    try {
      await this.before(name, call);
      return await withTaskErrors(steps[name])(payload, this.scene.ports);
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      throw new FunctionError({ errorType, errorMessage, trace: [] });
    }
  }
}

/** What CloudFormation puts in place of the placeholders. */
function substituted(definition: object): object {
  const replacementOf = (name: string) => (name === "SmokeTestWorkflow" ? machineArn("smoke-test") : name);
  return JSON.parse(JSON.stringify(definition).replaceAll(/\$\{(\w+)\}/g, (_placeholder, name: string) => replacementOf(name)));
}
