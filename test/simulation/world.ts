import { ulid } from "ulid";
import type { Head } from "../../domain/deployment.ts";
import { labels } from "../../domain/names.ts";
import type { Trigger } from "../../domain/trigger.ts";
import { maskSecrets } from "../../lambdas/masking/mask-secrets.ts";
import type { Changing } from "../../lambdas/operations/installation.ts";
import type { Promoting } from "../../lambdas/operations/promoting.ts";
import { type Cluster, KubernetesError, type ProxyRequest, type ProxyTarget } from "../../lambdas/ports/cluster.ts";
import type { EvidenceStore } from "../../lambdas/ports/evidence.ts";
import type { MaskQuestion } from "../../lambdas/ports/masking.ts";
import type { PromotionWorkflow } from "../../lambdas/ports/promotion-workflow.ts";
import type { PromotionStore } from "../../lambdas/ports/promotions.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import type { SecretValues } from "../../lambdas/ports/secrets.ts";
import type { Clock } from "../../lambdas/ports/surroundings.ts";
import type { TriggerStore } from "../../lambdas/ports/triggers.ts";
import type { WorkflowInput, Workflows } from "../../lambdas/ports/workflows.ts";
import { asStepFails } from "../../lambdas/runtime/passing-fault.ts";
import { healPromotions } from "../../lambdas/sync/heal-promotions.ts";
import { sync } from "../../lambdas/sync/sync.ts";
import { readTrainingJob } from "../../lambdas/triggers/model-studio.ts";
import type { InvocationResult } from "../../local/aws/service.ts";
import type { Json } from "../../local/step-functions/definition.ts";
import { MemoryPromotions } from "../doubles/memory-promotions.ts";
import { MemoryRecord } from "../doubles/memory-record.ts";
import { MemorySecrets } from "../doubles/memory-secrets.ts";
import { MemoryTriggers } from "../doubles/memory-triggers.ts";
import { Bus } from "./bus.ts";
import type { Character, Conditions } from "./conditions.ts";
import { Controllers, readyPods } from "./controllers.ts";
import { copy, copyInto } from "./copy.ts";
import { Effects, type Target } from "./effects.ts";
import { Executions } from "./executions.ts";
import { Died, Executor, forever } from "./executor.ts";
import { functions } from "./functions.ts";
import { Gateway } from "./gateway.ts";
import { Invariants } from "./invariants.ts";
import type { Lies } from "./lying.ts";
import { registerModel } from "./model.ts";
import { type Network, portOf, type Surroundings } from "./ports.ts";
import { type Randomness, randomness } from "./randomness.ts";
import { SimulatedCluster } from "./simulated-cluster.ts";
import { refuseStart, stumbled } from "./stumble.ts";
import { Time } from "./time.ts";

const begun = Date.parse("2026-11-21T09:12:03.120Z");
const syncSeconds = 60;

export const cardScorer = "card-scorer";

/** What an executor is given: everything that any function of the product works with. */
export type Ports = Changing & Promoting & { clusters: () => Promise<Cluster> } & Record<string, unknown>;

/** Everything that deployments meet, on one clock, from one seed. A world can begin where another has come to rest. */
export class World {
  readonly conditions: Conditions;
  readonly random: Randomness;
  readonly time: Time;
  readonly secrets = new MemorySecrets();
  readonly record: MemoryRecord;
  readonly promotions: MemoryPromotions;
  readonly triggers = new MemoryTriggers();
  readonly bus: Bus;
  readonly cluster: SimulatedCluster;
  readonly gateway: Gateway;
  readonly controllers: Controllers;
  readonly executions: Executions;
  readonly effects: Effects;
  readonly invariants: Invariants;
  readonly log: string[] = [];
  lies: Lies = {};
  /** A millisecond for each call: enough for others to come between. */
  network: Network = () => this.time.sleep(1);
  skewOf: (name: string) => number = () => 0;
  /** Whether a Task's function is run by two executors at once. */
  hasTwin: (name: string) => boolean = () => false;
  isOver = false;
  hasStumbled = false;
  /** Side effects that were numbered by then. */
  stumbledAfter = 0;
  /** So many requests were sent, by whomever. */
  requests = 0;
  private waiting: (() => void)[] = [];
  /** Bodies of evidence, by key. */
  readonly evidence = new Map<string, unknown>();
  /** Rounds of sync that came to their end. */
  synchronized = 0;

  constructor(conditions: Conditions, origin?: World) {
    this.conditions = conditions;
    this.random = randomness(conditions.seed);
    this.time = new Time(origin?.time.ended ?? begun);
    this.effects = new Effects(this.time);
    this.record = new MemoryRecord(this.time, this.secrets);
    this.promotions = new MemoryPromotions(this.record);
    this.cluster = new SimulatedCluster(origin?.cluster);
    this.gateway = new Gateway(this.cluster, this.time, conditions);
    this.controllers = new Controllers(this.cluster, this.gateway, this.time, conditions.pace, origin?.controllers);
    this.executions = new Executions(this.time, this.random, (name, payload) => this.invoke(name, payload));
    if (origin) for (const store of ["record", "secrets", "promotions", "triggers"] as const) copyInto(this[store], origin[store]);
    if (conditions.policy) registerModel(this, conditions.policy);
    this.bus = new Bus(this);
    this.controllers.fate = (deployment) => this.characterOf(deployment).fate ?? "ready";
    this.cluster.answering = (target, request) => this.answer(target, request);
    this.invariants = new Invariants(this, origin?.invariants);
    refuseStart(this);
  }

  newId = (): string => ulid(this.time.now(), this.random);

  portsOf(executor: Executor): Ports {
    const surroundings = {
      effects: this.effects,
      network: this.network,
      acting: <T>(acting: Executor, act: () => T) => this.invariants.acting(acting, act),
      written: (...told: [Executor, Target, string, unknown[]]) => {
        this.invariants.written(...told);
        if (this.conditions.policy) this.bus.follow();
        this.wakeWaiting();
      },
    };
    const record = this.lies.record?.(this.record, executor) ?? this.record;
    const cluster = this.lies.cluster?.(this.cluster, executor) ?? this.cluster;
    const simulated = portOf<Cluster>(cluster, "cluster", executor, surroundings);
    return {
      record: portOf<RecordStore>(record, "record", executor, surroundings),
      workflows: portOf<Workflows>(this.executions, "workflows", executor, surroundings),
      ...this.promotionPorts(executor, surroundings),
      clusters: async () => simulated,
      clock: this.clockOf(executor),
      secrets: portOf<SecretValues>(this.secrets, "secrets", executor, surroundings),
      maskSecrets: (question: MaskQuestion) => maskSecrets(question, this.secrets),
      newId: this.newId,
      log: { warn: (message: string, error?: Error) => void this.log.push(`${executor.name}: ${message}: ${error?.stack ?? ""}`) },
      environments: { production: this.place(), staging: this.place() },
      endpointBaseUrl: "https://slipway.example",
      evidence: portOf<EvidenceStore>(this.evidenceStore, "evidence", executor, surroundings),
      metrics: { read: async () => undefined },
      alarms: { states: async () => ({}) },
      watches: this.record.watches,
      // One look a minute is what the simulation is about: whoever watches writes the same, sooner.
      startWatch: async () => {},
      freshness: "minute",
    };
  }

  private readonly evidenceStore: EvidenceStore = {
    put: async (uid, id, name, body) => {
      const key = `${uid}/${id}/${name}.json`;
      this.evidence.set(key, copy(body));
      return key;
    },
  };

  private promotionPorts(executor: Executor, surroundings: Surroundings) {
    const promotions = this.lies.promotions?.(this.promotions, executor) ?? this.promotions;
    return {
      promotions: portOf<PromotionStore>(promotions, "promotions", executor, surroundings),
      promotionWorkflow: portOf<PromotionWorkflow>(this.executions.promotions, "workflows", executor, surroundings),
      triggers: portOf<TriggerStore>(this.triggers, "triggers", executor, surroundings),
      interpret: async (trigger: Trigger) => readTrainingJob(trigger),
    };
  }

  private place() {
    const name = "slipway-gateway";
    const gateway = { name: "slipway", namespace: name, service: name, port: 80, settle_seconds: this.conditions.settleSeconds };
    return { cluster: "local", namespace_prefix: "slipway", gateway };
  }

  private clockOf(executor: Executor): Clock {
    return {
      now: () => this.time.now() + executor.skew,
      sleep: async (milliseconds, signal) => {
        await this.time.sleep(milliseconds, signal);
        if (!executor.isAlive) await forever();
      },
    };
  }

  executor(name: string, seconds: number, epoch?: number): Executor {
    const executor = new Executor({ name, epoch, until: this.time.now() + seconds * 1000, skew: this.skewOf(name) });
    void this.time.sleep(seconds * 1000).then(() => executor.die("Sandbox.Timedout"));
    return executor;
  }

  private async invoke(name: string, payload: Json): Promise<InvocationResult> {
    const { operation_id, promotion_id } = payload as unknown as WorkflowInput & { promotion_id: string };
    const fault = await stumbled(this, name, operation_id ?? promotion_id);
    if (fault) return { payload: { ...fault, errorMessage: `${fault.errorType}: said by the simulation` }, function_error: "Unhandled" };
    if (this.hasTwin(name)) void this.invokeOnce(name, payload);
    return this.invokeOnce(name, payload);
  }

  /** A Task's function: what it gives or throws, as Lambda tells it to Step Functions. */
  private async invokeOnce(name: string, payload: Json): Promise<InvocationResult> {
    const known = functions[name];
    if (!known) throw new Error(`there is no function ${name}`);
    const { epoch } = payload as unknown as WorkflowInput;
    const { watch } = this.conditions.pace;
    const executor = this.executor(name, watches.has(name) ? (watch ?? known.seconds) : known.seconds, epoch);
    executor.runAgain = () => void this.invokeOnce(name, payload);
    try {
      const remaining = () => executor.until - this.time.now();
      const answer = await Promise.race([known.run(copy(payload), this.portsOf(executor), remaining), executor.death]);
      if (executor.isRunTwice) return this.invokeOnce(name, payload);
      return { payload: copy(answer), function_error: null };
    } catch (error) {
      const { name: errorName, message } = asStepFails(error) as Error;
      const payload =
        error instanceof Died
          ? { errorType: error.why, errorMessage: `RequestId: Error: ${error.why}` }
          : { errorType: errorName, errorMessage: message, trace: [] };
      if (!knownErrors.has(errorName)) this.log.push(`${name}: ${(error as Error).stack}`);
      return { payload, function_error: "Unhandled" };
    }
  }

  /** Sync, each minute, until the world is over. */
  async keepSyncing(): Promise<void> {
    while (!this.isOver) {
      await this.syncOnce();
      await this.time.sleep(syncSeconds * 1000);
    }
  }

  async syncOnce(): Promise<void> {
    const executor = this.executor("Sync", 55);
    executor.runAgain = () => void this.syncOnce();
    await Promise.race([this.synchronize(this.portsOf(executor)), executor.death]).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
    if (executor.isAlive) this.synchronized += 1;
    if (executor.isRunTwice) await this.syncOnce();
  }

  private async synchronize(ports: Ports): Promise<void> {
    if (this.conditions.policy) await healPromotions(ports);
    await sync(["local"], ports as never);
  }

  async head(id = cardScorer): Promise<Head | undefined> {
    return this.record.heads_.get(this.record.ids.get(id) ?? "");
  }

  /** Until somebody has written something, or the world is over. */
  written(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  wakeWaiting(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  end(): void {
    this.isOver = true;
    this.wakeWaiting();
    this.time.end();
    void this.executions.halt();
  }

  characterOf(workload: string): Character {
    const revision = Number(/-[pt](\d+)-\d+$/.exec(workload)?.[1]);
    return this.conditions.characters[this.versionOf(workload, revision) ?? revision] ?? {};
  }

  private versionOf(workload: string, revision: number): number | undefined {
    const own = this.cluster.all("Deployment").find(({ metadata }) => metadata.name === workload)?.metadata.labels ?? {};
    return this.record.revisions_.get(own[labels.uid] ?? "")?.get(revision)?.specification.predictor.model?.version;
  }

  private answer(target: ProxyTarget, request: ProxyRequest) {
    if (target.service === "slipway-gateway") return this.gateway.answer(request);
    const deployment = this.cluster.find("Deployment", target.namespace, target.service);
    const service = this.cluster.find("Service", target.namespace, target.service);
    if (!service || !deployment || readyPods(this.controllers.podsOf(deployment)) === 0)
      throw new KubernetesError(503, "ServiceUnavailable", `no endpoints available for service "${target.service}"`);
    if (request.method === "POST") {
      const { failsSmokeTests = false, failsUnderLoad = false } = this.characterOf(target.service);
      const isFailing = failsSmokeTests || (failsUnderLoad && this.gateway.shareOf(target.service) > 0);
      return { status: isFailing ? 500 : 200, headers: {}, body: '{"outputs":[{"data":[1]}]}' };
    }
    if (request.path.endsWith("/ready")) this.invariants.probed(target.service);
    return { status: 200, headers: {}, body: '{"name":"card-scorer","ready":true}' };
  }
}

const watches = new Set(["AwaitReady", "Bake"]);

const knownErrors = new Set([
  ...["StaleEpoch", "SlotFailed", "SmokeTestFailed", "BakeFailed", "RouteNotAccepted", "DeadlineExceeded"],
  ...["ClusterUnavailable", "ClusterRefused", "ServiceUnavailable", "Died", "PromotionFailed"],
]);
