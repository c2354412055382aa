import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Authenticate } from "./api/authentication.ts";
import { clusterIdentity } from "./api/certificate.ts";
import { defaultObjects } from "./api/default-roles.ts";
import { Registry } from "./api/registry.ts";
import { type RequestRecord, startApiServer } from "./api/server.ts";
import { Store } from "./api/store.ts";
import { startAutoscalers } from "./controllers/autoscaler.ts";
import { startDeployments } from "./controllers/deployment.ts";
import { startDisruptionBudgets } from "./controllers/disruption-budget.ts";
import { startEndpointSlices } from "./controllers/endpoint-slice.ts";
import { startGarbageCollector } from "./controllers/garbage-collector.ts";
import { ensureServiceAccount, startNamespaces } from "./controllers/namespace.ts";
import { startNodeLifecycle } from "./controllers/node-lifecycle.ts";
import { startQuotaStatus } from "./controllers/quota-status.ts";
import { startReplicaSets } from "./controllers/replica-set.ts";
import { removeExpiredEvents } from "./events/recorder.ts";
import { startGateway } from "./gateway/gateway.ts";
import { cpuUtilization } from "./kubelet/cpu-usage.ts";
import { type Image, ImageStore } from "./kubelet/image-store.ts";
import { Kubelet } from "./kubelet/kubelet.ts";
import { MemoryWatch } from "./kubelet/memory-watch.ts";
import { type NodeSize, registerNodes } from "./kubelet/node-object.ts";
import type { ContainerLogRecord } from "./kubelet/node-parts.ts";
import { ProcessLedger } from "./kubelet/process-ledger.ts";
import { NodeEvents } from "./kubelet/silent-node.ts";
import { PodNetwork } from "./network/pod-network.ts";
import { ServiceProxy } from "./network/service-proxy.ts";
import type { Draft } from "./objects/resource.ts";
import { startScheduler } from "./scheduler/scheduler.ts";

export interface ClusterOptions {
  dataFolder: string;
  name: string;
  images: Record<string, Image>;
  authenticate: Authenticate;
  nodes?: NodeSize[];
  /** How long the second replica of the gateway's data plane lags behind a change; 0 or not given: there is but one. */
  gatewayLagMs?: number;
  /** Whether the gateway registers targets as an Application Load Balancer does, instead of following endpoints. */
  gatewayLikeAlb?: boolean;
  onContainerLog?: (record: ContainerLogRecord) => void;
  /** Told of each request to the API server that has been answered; of a watch, when it is over. */
  onRequest?: ((request: RequestRecord) => void) | undefined;
  /** Multiplies the back-offs of the kubelet (restarts, image pulls, mounts); 1 when not given. */
  backOffFactor?: number;
  /** For how long nothing need be heard of a node until it counts as lost; 50 s when not given. */
  nodeGraceMs?: number;
  /** How many changes are kept for watches and paged lists; 5,000 when not given. */
  watchHistory?: number;
}

export interface Cluster {
  /** `https://127.0.0.1:port` */
  endpoint: string;
  /** PEM in base64, as EKS' DescribeCluster gives it. */
  certificateAuthority: string;
  adminToken: string;
  /** `http://127.0.0.1:port` of the gateway's data plane. */
  gatewayUrl: string;
  /** Creates or replaces, in the given order, as the operator of the cluster. */
  apply(objects: object[]): Promise<void>;
  stop(): Promise<void>;
}

/** Nodes that share this machine, each as large as the others. */
export const equalNodes = (count: number): NodeSize[] =>
  Array.from({ length: count }, (_, index) => ({ name: `local-${index + 1}`, cpu: 8, memory: "16Gi" }));
const defaultNodes = equalNodes(1);
const eventSweep = 60_000;
/** As the controller manager has it. */
const nodeGraceMs = 50_000;

/** A small Kubernetes in this process: API server, controllers, scheduler, kubelet and gateway, with real processes as containers. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  mkdirSync(options.dataFolder, { recursive: true });
  const identity = await clusterIdentity(options.dataFolder, options.name);
  const database = new DatabaseSync(join(options.dataFolder, "cluster.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  const registry = new Registry(new Store(database, options.watchHistory ?? 5000));
  const apply = (objects: object[]) => applyAll(registry, objects as Draft[]);
  await apply(defaultObjects);
  registerNodes(registry, options.nodes ?? defaultNodes);

  const network = new PodNetwork();
  const gateway = await startGateway(registry, network, { lagMs: options.gatewayLagMs ?? 0, likeAlb: options.gatewayLikeAlb ?? false });
  const services = new ServiceProxy(registry, network);
  const kubelet = new Kubelet({ ...nodeParts(options, registry, database), network, services });
  const controllers = startControllers(registry, kubelet, options.nodeGraceMs ?? nodeGraceMs);
  const node = { readLog: kubelet.readLog.bind(kubelet), loopbackPort: network.loopbackPort.bind(network) };
  const server = await startApiServer({
    registry,
    identity,
    node,
    authenticate: options.authenticate,
    port: 0,
    onRequest: options.onRequest,
  });

  return {
    endpoint: server.endpoint,
    certificateAuthority: Buffer.from(identity.authority).toString("base64"),
    adminToken: identity.adminToken,
    gatewayUrl: gateway.url,
    apply,
    stop: async () => {
      await server.stop();
      controllers.stop();
      await kubelet.stop();
      services.stop();
      await gateway.stop();
      database.close();
    },
  };
}

async function applyAll(registry: Registry, objects: Draft[]): Promise<void> {
  for (const object of objects) {
    const stored = registry.apply(object);
    // What comes next may be a pod, which needs the account at once.
    if (stored.kind === "Namespace") ensureServiceAccount(registry, stored.metadata.name);
  }
}

function nodeParts(options: ClusterOptions, registry: Registry, database: DatabaseSync) {
  const host = (options.nodes ?? defaultNodes)[0]?.name ?? "";
  return {
    registry,
    events: new NodeEvents(registry, { component: "kubelet", host }),
    images: new ImageStore(options.images),
    ledger: new ProcessLedger(database),
    memory: new MemoryWatch(),
    folder: join(options.dataFolder, "pods"),
    backOffFactor: options.backOffFactor ?? 1,
    onContainerLog: options.onContainerLog ?? (() => undefined),
  };
}

function startControllers(registry: Registry, kubelet: Kubelet, graceMs: number): { stop(): void } {
  const controllers = [
    startNamespaces(registry),
    startGarbageCollector(registry),
    startDeployments(registry),
    startReplicaSets(registry),
    startEndpointSlices(registry),
    startAutoscalers(registry, cpuUtilization(registry, kubelet)),
    startDisruptionBudgets(registry),
    startQuotaStatus(registry),
    startScheduler(registry),
    startNodeLifecycle(registry, graceMs),
  ];
  const sweep = setInterval(() => removeExpiredEvents(registry), eventSweep);
  return {
    stop: () => {
      clearInterval(sweep);
      for (const controller of controllers) controller.stop();
    },
  };
}
