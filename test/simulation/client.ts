import type { RolloutPolicy, Specification } from "../../domain/specification.ts";
import { createDeployment } from "../../lambdas/operations/create-deployment.ts";
import { deleteDeployment } from "../../lambdas/operations/delete-deployment.ts";
import { restartDeployment } from "../../lambdas/operations/restart-deployment.ts";
import { type RollbackTarget, rollBackDeployment } from "../../lambdas/operations/rollback-deployment.ts";
import { smokeTestDeployment } from "../../lambdas/operations/smoke-test-deployment.ts";
import { startDeployment } from "../../lambdas/operations/start-deployment.ts";
import { abortOperation, promoteOperation } from "../../lambdas/operations/steer-operation.ts";
import { stopDeployment } from "../../lambdas/operations/stop-deployment.ts";
import { updateDeployment } from "../../lambdas/operations/update-deployment.ts";
import { aSpecification } from "../doubles/deployments.ts";
import { loseApiServer } from "./outage.ts";
import { Promoter } from "./promoter.ts";
import { Requests } from "./requests.ts";
import { cardScorer, type World } from "./world.ts";

export const canary = "canary-5bb1f0c4";

/** A person, or a script of theirs: asks again by the same key when no answer comes, and takes no for an answer. */
export class Client extends Requests {
  private readonly id: string;

  constructor(world: World, actor = "ada@example.com", group = "fraud", id = cardScorer) {
    super(world, { actor, group });
    this.id = id;
  }

  /** What somebody does with the model's versions and their promotions. */
  get promoter(): Promoter {
    return new Promoter(this.world);
  }
  /** Somebody who changes another deployment by hand. */
  of = (id: string): Client => new Client(this.world, "linus@example.com", "fraud", id);

  create(over: Partial<Specification> = {}, policy: Partial<RolloutPolicy> = {}): Promise<string | undefined> {
    const specification = specified(over, policy);
    const secret_values = { predictor: { API_KEY: canary }, transformer: {} };
    return this.ask("create", (ports, caller, repeatable) =>
      createDeployment(ports, caller, { specification, secret_values, start: true }, repeatable),
    );
  }
  update(patch: Record<string, unknown>, supersede = false): Promise<string | undefined> {
    return this.ask("update", (ports, caller, repeatable) =>
      updateDeployment(ports, caller, { id: this.id, version: undefined, patch, supersede }, repeatable),
    );
  }
  start = () =>
    this.ask("start", (ports, caller, repeatable) => startDeployment(ports, caller, { id: this.id, version: undefined }, repeatable));
  restart = () =>
    this.ask("restart", (ports, caller, repeatable) => restartDeployment(ports, caller, { id: this.id, version: undefined }, repeatable));
  stop = () =>
    this.ask("stop", (ports, caller, repeatable) => stopDeployment(ports, caller, { id: this.id, version: undefined }, repeatable));
  delete = () =>
    this.ask("delete", (ports, caller, repeatable) =>
      deleteDeployment(ports, caller, { id: this.id, version: undefined, name: "card-scorer" }, repeatable),
    );
  test = () =>
    this.ask("test", (ports, caller, repeatable) => smokeTestDeployment(ports, caller, { id: this.id, version: undefined }, repeatable));
  rollBack = (target: RollbackTarget = {}) =>
    this.ask("rollback", (ports, caller, repeatable) =>
      rollBackDeployment(ports, caller, { id: this.id, version: undefined, target }, repeatable),
    );

  /** Asks for both at the same moment, as two people. */
  async both(one: (client: Client) => Promise<unknown>, other: (client: Client) => Promise<unknown>): Promise<void> {
    await Promise.all([one(this), other(new Client(this.world, "grace@example.com"))]);
  }

  /** What runs now; no error when nothing does. */
  async abort(): Promise<void> {
    const running = (await this.world.head(this.id))?.active_operation?.id;
    if (running) await this.ask("abort", async (ports, caller) => ({ operation: await abortOperation(ports, caller, running) }));
  }
  async promote(): Promise<void> {
    const running = (await this.world.head(this.id))?.active_operation?.id;
    if (running) await this.ask("promote", async (ports, caller) => ({ operation: await promoteOperation(ports, caller, running) }));
  }

  /** More callers come, and need so many instances. */
  loseApiServer = (seconds: number): Promise<void> => loseApiServer(this.world, seconds * 1000);
  async grow(instances: number): Promise<void> {
    const head = await this.world.head(this.id);
    if (head) await this.world.controllers.grow(head.uid, instances);
  }

  /** An instance of a revision is lost for so long. Not of one that has traffic: no executor could do anything about that. */
  async lose(revision: number, seconds: number): Promise<void> {
    const head = await this.world.head(this.id);
    const hasTraffic = [head?.slots.blue, head?.slots.green].some((slot) => slot?.revision === revision && slot.weight > 0);
    if (hasTraffic) return;
    this.world.controllers.lose(revision);
    await this.pause(seconds);
    this.world.controllers.heal();
  }

  /** Until nothing runs. */
  async ended(): Promise<void> {
    for (let head = await this.world.head(this.id); head?.active_operation && !this.world.isOver; head = await this.world.head(this.id))
      await this.pause(1);
  }

  /** Until the operation under way has come to a step, or is over. */
  async reached(step: string): Promise<void> {
    for (let head = await this.world.head(this.id); head?.active_operation && !this.world.isOver; head = await this.world.head(this.id)) {
      if (head.active_operation.step === step) return;
      await this.world.written();
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
