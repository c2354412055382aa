import { randomBytes } from "node:crypto";
import { createBody } from "../../../contract/create.ts";
import type { Head } from "../../../domain/deployment.ts";
import { accessHeader, endpointPath, routeHeader } from "../../../domain/manifests/route.ts";
import { labels } from "../../../domain/names.ts";
import type { Operation } from "../../../domain/operation.ts";
import { describeState, type State } from "../../../domain/state.ts";
import { createDeployment } from "../../../lambdas/operations/create-deployment.ts";
import { deleteDeployment } from "../../../lambdas/operations/delete-deployment.ts";
import { preflightCreate, preflightUpdate } from "../../../lambdas/operations/preflight.ts";
import { readTransientLogs, type TransientPage, type TransientQuery } from "../../../lambdas/operations/read-transient-logs.ts";
import { restartDeployment } from "../../../lambdas/operations/restart-deployment.ts";
import { type RollbackTarget, rollBackDeployment } from "../../../lambdas/operations/rollback-deployment.ts";
import { abortOperation } from "../../../lambdas/operations/steer-operation.ts";
import { stopDeployment } from "../../../lambdas/operations/stop-deployment.ts";
import { updateDeployment } from "../../../lambdas/operations/update-deployment.ts";
import { waitForEnd } from "../../../lambdas/operations/wait-for-operation.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import { watch } from "../../../lambdas/sync/watch.ts";
import { api, cluster, isLocal } from "../target.ts";
import { adapterOf } from "./adapter.ts";
import type { Any } from "./api-client.ts";
import { gatewayPlace, suiteLabel } from "./cluster-info.ts";
import { ControlPlane, testedCluster } from "./control-plane.ts";
import { pathsOf } from "./objects.ts";

const longestOperation = 600;
const longestWatch = 900_000;
/** For what the cluster does in its own time. */
const patience = isLocal ? 30_000 : 120_000;

/** The product with one deployment on the cluster under test. */
export class Product {
  readonly id = `light-${randomBytes(3).toString("hex")}`;
  readonly group = `suite-${randomBytes(3).toString("hex")}`;
  readonly plane: ControlPlane;
  private readonly caller;

  /** `endpoint`: where its functions find the API server, when that is not where it is. */
  constructor(endpoint = cluster.endpoint) {
    this.caller = { actor: "ada@example.com", roles: new Map([[this.group, "member" as const]]), platformAdmin: false };
    this.plane = new ControlPlane({
      clusterOf: (identity) => adapterOf(identity, { place: () => ({ endpoint }) }).cluster,
      // A real gateway's data plane may lag behind its own answers.
      gateway: { ...gatewayPlace, service: "slipway-gateway", port: 80, settle_seconds: isLocal ? 0 : 3, metrics: cluster.gatewayMetrics },
    });
  }

  get record() {
    return this.plane.record;
  }
  get kept() {
    return this.plane.kept;
  }
  set before(call: ControlPlane["before"]) {
    this.plane.before = call;
  }

  get namespace(): string {
    return `slipway-${this.group}-staging`;
  }

  get paths() {
    return pathsOf(this.namespace);
  }

  /** Creates the deployment and starts it; gives the operation when it has ended. */
  async start(specification: object): Promise<Operation> {
    const { operation } = await createDeployment(this.plane.ports, this.caller, this.bodyOf(specification), undefined);
    return this.ended(operation);
  }
  /** The test server, started, with nothing to wait for when it goes. */
  async startServer(scaling_config: object = {}): Promise<void> {
    const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 300 };
    const { outcome, cause } = await this.start({ predictor: { image: cluster.images.server, scaling_config }, rollout });
    if (outcome !== "SUCCEEDED") throw new Error(`${this.id} did not start: ${outcome}: ${JSON.stringify(cause)}`);
    await this.adopt();
  }
  /** What would come of that, and of an update. */
  wouldStart = (specification: object) => preflightCreate(this.plane.ports, this.caller, this.bodyOf(specification));
  wouldUpdate = (patch: Record<string, unknown>) =>
    preflightUpdate(this.plane.ports, this.caller, { ...this.request, patch, supersede: false });
  async update(patch: Record<string, unknown>): Promise<Operation> {
    const { operation } = await updateDeployment(this.plane.ports, this.caller, { ...this.request, patch, supersede: false });
    return this.ended(operation);
  }
  abort = async () => void (await abortOperation(this.plane.ports, this.caller, (await this.head()).active_operation?.id ?? "none runs"));
  rollBack = async (target: RollbackTarget = {}) =>
    this.ended((await rollBackDeployment(this.plane.ports, this.caller, { ...this.request, target })).operation);
  restart = async () => this.ended((await restartDeployment(this.plane.ports, this.caller, this.request)).operation);
  stop = async () => this.ended((await stopDeployment(this.plane.ports, this.caller, this.request)).operation);
  delete = async () => this.ended((await deleteDeployment(this.plane.ports, this.caller, { ...this.request, name: this.id })).operation);

  async head(): Promise<Head> {
    return (await this.record.head((await this.record.uidOf(this.id)) ?? "")) as Head;
  }

  /** What is shown of it. */
  async state(): Promise<State> {
    const head = await this.head();
    return describeState(head, await this.record.stillSeen(head, await this.record.observed(head.uid)), Date.now());
  }

  /** From now on what is seen of it is written as it changes, until the end. */
  watch(): { end(): Promise<void> } {
    const over = new AbortController();
    const running = watch({ cluster: testedCluster }, this.plane.watching(), () => (over.signal.aborted ? 0 : longestWatch));
    return {
      end: () => {
        over.abort();
        return running;
      },
    };
  }

  /** `RUNNING READY True Ready healthy`, sooner or later. Gives each state on the way there. */
  async comesTo(end: RegExp): Promise<string[]> {
    const seen: string[] = [];
    for (const until = Date.now() + patience; ; await systemClock.sleep(50)) {
      const { status, condition, health } = await this.state();
      const now = `${status} ${condition.type} ${condition.status} ${condition.reason} ${health}`;
      if (seen.at(-1) !== now) seen.push(now);
      if (end.test(now)) return seen;
      if (Date.now() > until) throw new Error(`${this.id} did not come to ${end}, but by: ${seen.join(" > ")} (${condition.message})`);
    }
  }

  /** What its containers have written, all of it unless the query says less. */
  async logs(query: Partial<TransientQuery> = {}): Promise<TransientPage> {
    const all = { revisions: null, tail: 1000, previous: false, sort: "asc", asked: null } as const;
    const ports = { clusters: this.plane.clustersOf("ReadLogs"), maskSecrets: this.plane.maskSecrets };
    return readTransientLogs(ports, await this.head(), { ...all, ...query });
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
    const until = Date.now() + patience;
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
    await this.plane.halt();
    await api.delete(this.paths.self);
  }

  private bodyOf(specification: object) {
    return createBody.parse({ group: this.group, name: this.id, id: this.id, environment: "staging", access: "public", ...specification });
  }

  private get request() {
    return { id: this.id, version: undefined };
  }

  private async ended(begun: Operation | null): Promise<Operation> {
    if (!begun) throw new Error(`nothing was begun on ${this.id}`);
    const operation = await waitForEnd(this.plane.ports, begun, longestOperation);
    if (operation.outcome === null) throw new Error(`${operation.kind} of ${this.id} still runs: ${JSON.stringify(operation.steps)}`);
    return operation;
  }
}
