import { randomBytes } from "node:crypto";
import { createBody } from "../../../contract/create.ts";
import type { Head, Operation } from "../../../domain/deployment.ts";
import { accessHeader, endpointPath, routeHeader } from "../../../domain/manifests/route.ts";
import { labels } from "../../../domain/names.ts";
import { describeState, type State } from "../../../domain/state.ts";
import { createDeployment } from "../../../lambdas/operations/create-deployment.ts";
import { deleteDeployment } from "../../../lambdas/operations/delete-deployment.ts";
import type { Changing } from "../../../lambdas/operations/installation.ts";
import { type RollbackTarget, rollBackDeployment } from "../../../lambdas/operations/rollback-deployment.ts";
import { stopDeployment } from "../../../lambdas/operations/stop-deployment.ts";
import { updateDeployment } from "../../../lambdas/operations/update-deployment.ts";
import { waitForEnd } from "../../../lambdas/operations/wait-for-operation.ts";
import { newUlid, systemClock } from "../../../lambdas/runtime/surroundings.ts";
import type { InvocationResult } from "../../../local/aws/service.ts";
import { systemClock as machineClock } from "../../../local/step-functions/clock.ts";
import type { Json } from "../../../local/step-functions/definition.ts";
import { MemoryRecord } from "../../doubles/memory-record.ts";
import { MemorySecrets } from "../../doubles/memory-secrets.ts";
import { Executions } from "../../simulation/executions.ts";
import { functions } from "../../simulation/functions.ts";
import { api, cluster, isLocal } from "../target.ts";
import { adapterOf } from "./adapter.ts";
import type { Any } from "./api-client.ts";
import { gatewayPlace, type IdentityName, suiteLabel } from "./cluster-info.ts";
import { pathsOf } from "./objects.ts";

/** As lib/control-plane-stack.ts grants them. Functions that are not here never ask the cluster. */
const identityOf: Record<string, IdentityName> = {
  ...{ Prepare: "writer", ProvisionSlot: "writer", EnsureCapacity: "writer", RetireSlot: "writer" },
  ...{ AwaitReady: "reader", ProbeServer: "prober", SendSmokeTests: "prober", Bake: "judge" },
  ...{ ShiftTraffic: "mover", TakeRouteAway: "mover" },
};

const longestOperation = 600;

/**
 * The product with one deployment on the cluster under test: its operations, the shipped state machines on our
 * interpreter in real time, the real steps, each with its own function's identity. The record is in memory.
 */
export class Product {
  readonly id = `light-${randomBytes(3).toString("hex")}`;
  readonly group = `suite-${randomBytes(3).toString("hex")}`;
  readonly kept = new Map<string, unknown>();
  /** Called before a function is run. */
  before: (name: string) => void | Promise<void> = () => undefined;
  readonly record: MemoryRecord;
  private readonly executions: Executions;
  private readonly ports: Changing;
  private readonly endpoint: string;
  private readonly caller;

  /** `endpoint`: where its functions find the API server, when that is not where it is. */
  constructor(endpoint = cluster.endpoint) {
    this.endpoint = endpoint;
    this.caller = { actor: "ada@example.com", roles: new Map([[this.group, "member" as const]]), platformAdmin: false };
    const secrets = new MemorySecrets();
    this.record = new MemoryRecord(systemClock, secrets);
    this.executions = new Executions(machineClock, Math.random, (name, payload) => this.invoke(name, payload, secrets));
    // A real gateway's data plane may lag behind its own answers.
    const gateway = { ...gatewayPlace, service: "slipway-gateway", port: 80, settle_seconds: isLocal ? 0 : 3 };
    this.ports = {
      ...{ record: this.record, workflows: this.executions, clock: systemClock, newId: newUlid, log: console },
      environments: { staging: { cluster: "tested", namespace_prefix: "slipway", gateway } },
      endpointBaseUrl: "https://slipway.example",
    };
  }

  get namespace(): string {
    return `slipway-${this.group}-staging`;
  }

  get paths() {
    return pathsOf(this.namespace);
  }

  /** Creates the deployment and starts it; gives the operation when it has ended. */
  async start(specification: object): Promise<Operation> {
    const given = { group: this.group, name: this.id, id: this.id, environment: "staging", access: "public", ...specification };
    const { operation } = await createDeployment(this.ports, this.caller, createBody.parse(given), undefined);
    return this.ended(operation);
  }
  async update(patch: Record<string, unknown>): Promise<Operation> {
    const { operation } = await updateDeployment(this.ports, this.caller, { ...this.request, patch, supersede: false });
    return this.ended(operation);
  }
  rollBack = async (target: RollbackTarget = {}) =>
    this.ended((await rollBackDeployment(this.ports, this.caller, { ...this.request, target })).operation);
  stop = async () => this.ended((await stopDeployment(this.ports, this.caller, this.request)).operation);
  delete = async () => this.ended((await deleteDeployment(this.ports, this.caller, { ...this.request, name: this.id })).operation);

  async head(): Promise<Head> {
    return (await this.record.head((await this.record.uidOf(this.id)) ?? "")) as Head;
  }

  /** What is shown of it. */
  async state(): Promise<State> {
    const head = await this.head();
    return describeState(head, await this.record.observed(head.uid), Date.now());
  }

  /** A request of a caller's, as the endpoint passes it on to the gateway. */
  call(path: string, body?: object): Promise<Response> {
    const headers = { [accessHeader]: "public", "content-type": "application/json" };
    const init = body ? { method: "POST", body: JSON.stringify(body), headers } : { headers };
    return fetch(`${cluster.gatewayUrl}${endpointPath(this.id)}${path}`, init);
  }

  /** By which state of the route the gateway answers. */
  async answeredBy(path = "/v2/health/ready"): Promise<string | null> {
    const answer = await this.call(path);
    await answer.arrayBuffer();
    return answer.headers.get(routeHeader);
  }

  /** `plural/name` of everything in the cluster that is this deployment's, or one attempt's of it. */
  async objects(epoch?: number): Promise<string[]> {
    const { deployments, replicaSets, pods, services, slices, autoscalers, budgets, secrets, routes } = this.paths;
    const { uid } = await this.head();
    const selector = `${labels.uid}=${uid}${epoch === undefined ? "" : `,${labels.epoch}=${epoch}`}`;
    const found = [deployments, replicaSets, pods, services, slices, autoscalers, budgets, secrets, routes].map(async (path) => {
      const { items } = (await api.get(`${path}?labelSelector=${encodeURIComponent(selector)}`)).body;
      return items.map(({ metadata }: Any) => `${path.split("/").at(-1)}/${metadata.name}`);
    });
    return (await Promise.all(found)).flat();
  }

  /** Instances take their time to leave. */
  async untilGone(epoch?: number): Promise<void> {
    const until = Date.now() + (isLocal ? 30_000 : 120_000);
    for (let left = await this.objects(epoch); left.length > 0; left = await this.objects(epoch)) {
      if (Date.now() > until) throw new Error(`still there: ${left.join(", ")}`);
      await systemClock.sleep(200);
    }
  }

  /** The running operation, once it has come to a step. */
  async untilStep(name: string): Promise<void> {
    for (let active = (await this.head()).active_operation; active?.step !== name; active = (await this.head()).active_operation) {
      if (!active) throw new Error(`no operation runs that could come to ${name}`);
      await systemClock.sleep(20);
    }
  }

  /** So that the suite takes it away, whatever happens. */
  async adopt(): Promise<void> {
    await api.patch(this.paths.self, { metadata: { labels: { [suiteLabel]: cluster.run } } });
  }

  async end(): Promise<void> {
    await this.executions.halt();
    await api.delete(this.paths.self);
  }

  private get request() {
    return { id: this.id, version: undefined };
  }

  private async ended(begun: Operation | null): Promise<Operation> {
    if (!begun) throw new Error(`nothing was begun on ${this.id}`);
    const operation = await waitForEnd(this.ports, begun, longestOperation);
    if (operation.outcome === null) throw new Error(`${operation.kind} of ${this.id} still runs: ${JSON.stringify(operation.steps)}`);
    return operation;
  }

  private portsOf(name: string, secrets: MemorySecrets): object {
    const evidence = {
      put: async (uid: string, operationId: string, part: string, body: unknown) => {
        const key = `${uid}/${operationId}/${part}.json`;
        this.kept.set(key, structuredClone(body));
        return key;
      },
    };
    const identity = identityOf[name];
    const clusters = async () => {
      if (!identity) throw new Error(`${name} has no access to the cluster`);
      return adapterOf(identity, { place: () => ({ endpoint: this.endpoint }) }).cluster;
    };
    const judging = { metrics: { read: async () => undefined }, alarms: { states: async () => ({}) } };
    return { record: this.record, clusters, clock: systemClock, secrets, evidence, ...judging };
  }

  /** As Lambda tells it to Step Functions. */
  private async invoke(name: string, payload: Json, secrets: MemorySecrets): Promise<InvocationResult> {
    const known = functions[name];
    if (!known) throw new Error(`there is no function ${name}`);
    const until = Date.now() + known.seconds * 1000;
    try {
      await this.before(name);
      const answer = await known.run(structuredClone(payload), this.portsOf(name, secrets), () => until - Date.now());
      return { payload: structuredClone(answer) as Json, function_error: null };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { payload: { errorType, errorMessage, trace: [] }, function_error: "Unhandled" };
    }
  }
}
