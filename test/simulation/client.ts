import { Problem } from "../../domain/errors.ts";
import type { RolloutPolicy, Specification } from "../../domain/specification.ts";
import type { Caller } from "../../lambdas/operations/caller.ts";
import { createDeployment } from "../../lambdas/operations/create-deployment.ts";
import { deleteDeployment } from "../../lambdas/operations/delete-deployment.ts";
import { once, type Repeatable } from "../../lambdas/operations/idempotency.ts";
import type { Changing } from "../../lambdas/operations/installation.ts";
import { restartDeployment } from "../../lambdas/operations/restart-deployment.ts";
import { type RollbackTarget, rollBackDeployment } from "../../lambdas/operations/rollback-deployment.ts";
import { smokeTestDeployment } from "../../lambdas/operations/smoke-test-deployment.ts";
import { startDeployment } from "../../lambdas/operations/start-deployment.ts";
import { abortOperation, promoteOperation } from "../../lambdas/operations/steer-operation.ts";
import { stopDeployment } from "../../lambdas/operations/stop-deployment.ts";
import { updateDeployment } from "../../lambdas/operations/update-deployment.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { Died } from "./executor.ts";
import type { World } from "./world.ts";

export const canary = "canary-5bb1f0c4";
const id = "card-scorer";
const requestSeconds = 29;
const tries = 8;

/** Requests that a key makes safe to repeat: an effect that has been told already is not told again. */
const keyed = new Set(["create", "start", "restart", "stop", "delete", "rollback", "test"]);

/** Operation that was begun; undefined when none was. */
type Answer = { operation?: { id: string } | null };
type Run = (ports: Changing, caller: Caller, repeatable: Repeatable) => Promise<Answer>;

/** A person, or a script of theirs: asks again by the same key when no answer comes, and takes no for an answer. */
export class Client {
  private readonly world: World;
  private readonly caller: Caller;
  private readonly isOutsider: boolean;

  constructor(world: World, actor = "ada@example.com", group = "fraud") {
    this.world = world;
    this.caller = { actor, roles: new Map([[group, "member"]]), platformAdmin: false };
    this.isOutsider = group !== "fraud";
  }

  create(over: Partial<Specification> = {}, policy: Partial<RolloutPolicy> = {}): Promise<string | undefined> {
    const specification = specified(over, policy);
    const secret_values = { predictor: { API_KEY: canary }, transformer: {} };
    return this.ask("create", (ports, caller, repeatable) =>
      createDeployment(ports, caller, { specification, secret_values, start: true }, repeatable),
    );
  }
  update(patch: Record<string, unknown>, supersede = false): Promise<string | undefined> {
    return this.ask("update", (ports, caller) => updateDeployment(ports, caller, { id, version: undefined, patch, supersede }));
  }
  start = () => this.ask("start", (ports, caller, repeatable) => startDeployment(ports, caller, { id, version: undefined }, repeatable));
  restart = () =>
    this.ask("restart", (ports, caller, repeatable) => restartDeployment(ports, caller, { id, version: undefined }, repeatable));
  stop = () => this.ask("stop", (ports, caller, repeatable) => stopDeployment(ports, caller, { id, version: undefined }, repeatable));
  delete = () =>
    this.ask("delete", (ports, caller, repeatable) =>
      deleteDeployment(ports, caller, { id, version: undefined, name: "card-scorer" }, repeatable),
    );
  test = () => this.ask("test", (ports, caller, repeatable) => smokeTestDeployment(ports, caller, { id, version: undefined }, repeatable));
  rollBack = (target: RollbackTarget = {}) =>
    this.ask("rollback", (ports, caller, repeatable) => rollBackDeployment(ports, caller, { id, version: undefined, target }, repeatable));

  /** Asks for both at the same moment, as two people. */
  async both(one: (client: Client) => Promise<unknown>, other: (client: Client) => Promise<unknown>): Promise<void> {
    await Promise.all([one(this), other(new Client(this.world, "grace@example.com"))]);
  }

  /** What runs now; no error when nothing does. */
  async abort(): Promise<void> {
    const running = (await this.world.head())?.active_operation?.id;
    if (running) await this.ask("abort", async (ports, caller) => ({ operation: await abortOperation(ports, caller, running) }));
  }
  async promote(): Promise<void> {
    const running = (await this.world.head())?.active_operation?.id;
    if (running) await this.ask("promote", async (ports, caller) => ({ operation: await promoteOperation(ports, caller, running) }));
  }

  /** More callers come, and need so many instances. */
  async grow(instances: number): Promise<void> {
    const head = await this.world.head();
    if (head) await this.world.controllers.grow(head.uid, instances);
  }

  /** An instance of a revision is lost for so long. Not of one that has traffic: no executor could do anything about that. */
  async lose(revision: number, seconds: number): Promise<void> {
    const head = await this.world.head();
    const hasTraffic = [head?.slots.blue, head?.slots.green].some((slot) => slot?.revision === revision && slot.weight > 0);
    if (hasTraffic) return;
    this.world.controllers.lose(revision);
    await this.pause(seconds);
    this.world.controllers.heal();
  }

  pause = (seconds: number): Promise<void> => this.world.time.sleep(seconds * 1000);

  /** Until nothing runs. */
  async ended(): Promise<void> {
    for (let head = await this.world.head(); head?.active_operation && !this.world.isOver; head = await this.world.head())
      await this.pause(1);
  }

  /** Until the operation under way has come to a step, or is over. */
  async reached(step: string): Promise<void> {
    for (let head = await this.world.head(); head?.active_operation && !this.world.isOver; head = await this.world.head()) {
      if (head.active_operation.step === step) return;
      await this.world.written();
    }
  }

  private async ask(name: string, run: Run): Promise<string | undefined> {
    this.world.requests += 1;
    const key = `${name} ${this.world.requests} of ${this.caller.actor}`;
    const repeatable = { actor: this.caller.actor, key, request_hash: key };
    for (let attempt = 1; attempt <= tries; attempt++) {
      const answer = await this.askOnce(name, repeatable, run);
      if (answer) return answer.operation?.id;
      await this.pause(1);
    }
    return undefined;
  }

  /** undefined when no answer came, or that something was wrong with the service. */
  private async askOnce(name: string, repeatable: Repeatable, run: Run): Promise<Answer | undefined> {
    const executor = this.world.executor(`${name} request`, requestSeconds);
    executor.runAgain = () => void this.askOnce(name, repeatable, run);
    executor.key = keyed.has(name) ? repeatable.key : undefined;
    executor.isOutsider = this.isOutsider;
    const ports = this.world.portsOf(executor);
    const asked = once<Answer>(
      ports.record,
      repeatable,
      () => run(ports, this.caller, repeatable),
      async ({ operation_id }) => ({ operation: operation_id === null ? null : { id: operation_id } }),
    );
    try {
      const answer = await Promise.race([asked, executor.death]);
      if (this.isOutsider) this.world.invariants.violate("no group sees another's", `${name} was answered to another group`);
      return executor.isRunTwice ? this.askOnce(name, repeatable, run) : answer;
    } catch (error) {
      if (error instanceof Problem) {
        this.world.log.push(`${name}: refused: ${error.message}`);
        return {};
      }
      if (!(error instanceof Died) && (error as Error).name !== "TimeoutError") this.world.log.push(`${name}: ${(error as Error).stack}`);
      return undefined;
    }
  }
}

/** What the paths run, with instances that a busy autoscaler may double. */
export function specified(over: Partial<Specification>, policy: Partial<RolloutPolicy>): Specification {
  const plain = aSpecification();
  const scaling_config = { min_replicas: 1, max_replicas: 4, target_cpu_utilization: 60, cooldown_period: 300 };
  return {
    ...plain,
    predictor: { ...plain.predictor, model: null, scaling_config, env: [{ name: "API_KEY", secret: true }] },
    enable_monitoring: false,
    smoke_tests: [{ name: "known-card", method: "POST", path: "/v2/models/card-scorer/infer", body: {}, expect: { status: 200 } }],
    ...over,
    rollout: { ...plain.rollout, deadline_seconds: 300, ...policy },
  };
}
