import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { components } from "../../domain/words.ts";
import { MemoryCluster } from "./memory-cluster.ts";

/** What becomes of a Deployment's pods. */
export type Fate = "ready" | "image cannot be pulled" | "is being pulled" | "crashes" | "ends well" | "never scheduled";

const began = "2026-11-21T09:12:03Z";
const digest = `sha256:${"3f1c0ffee0ddba11".repeat(4)}`;

/** A cluster in which what controllers and kubelets would do happens at once, as a test decides; servers speak V2. */
export class RunningCluster extends MemoryCluster {
  /** Decides by the Deployment's name. */
  fate: (deployment: string) => Fate = () => "ready";
  /** Pods that outlive their Deployment until the test lets them go. */
  lingering = false;
  /** The model's answers, by method and path; anything else is 404. */
  readonly answers = new Map<string, { status: number; body: string }>([
    ["GET /v2/health/live", { status: 200, body: "" }],
    ["GET /v2/models/card-fraud/ready", { status: 200, body: '{"ready":true}' }],
    ["GET /v2/models/card-fraud", { status: 200, body: '{"name":"card-fraud","versions":[],"platform":""}' }],
    ["POST /v2/models/card-fraud/infer", { status: 200, body: '{"outputs":[{"data":[1]}]}' }],
  ]);

  override async create<T extends KubernetesObject>(given: T): Promise<T> {
    const made = await super.create(given);
    if (made.kind === "Deployment") this.runDeployment(made);
    if (made.kind === "Service") this.backends.set(made.metadata.name as string, ({ method, path }) => this.answer(method, path));
    return made;
  }

  protected override drop(object: KubernetesObject): void {
    const { kind, metadata } = object;
    super.drop(object);
    if (kind === "Service") this.backends.delete(metadata.name as string);
    if (kind === "Deployment" && !this.lingering) this.dropPods(metadata.name as string);
  }

  override async podLog(...[namespace, pod, options]: Parameters<MemoryCluster["podLog"]>): Promise<string> {
    return options.previous ? "loading\nno such model\n" : super.podLog(namespace, pod, options);
  }

  dropPods(deployment: string): void {
    for (const [key, { kind, metadata }] of this.objects) {
      const isItsOwn = metadata.name?.startsWith(`${deployment}-`) ?? false;
      if (isItsOwn && (kind === "Pod" || kind === "ReplicaSet" || kind === "EndpointSlice")) this.objects.delete(key);
    }
  }

  /** Once more, by the fate as it is now. */
  rerun(deployment: string): void {
    const found = [...this.objects.values()].find(({ kind, metadata }) => kind === "Deployment" && metadata.name === deployment);
    if (!found) throw new Error(`there is no Deployment ${deployment}`);
    this.runDeployment(structuredClone(found));
  }

  private answer(method: string, path: string) {
    return this.answers.get(`${method} ${path}`) ?? { status: 404, body: '{"error":"not found"}' };
  }

  private runDeployment(deployment: KubernetesObject): void {
    const name = deployment.metadata.name as string;
    const fate = this.fate(name);
    const { namespace, labels = {} } = deployment.metadata;
    const { replicas } = deployment.spec as { replicas: number };
    const ready = fate === "ready" ? replicas : 0;
    const owned = { namespace, labels };
    this.put({
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { ...owned, name: `${name}-abc` },
      spec: { replicas },
      status: { replicas },
    });
    for (let index = 0; index < replicas; index++) {
      this.put({ apiVersion: "v1", kind: "Pod", metadata: { ...owned, name: `${name}-abc-${index}` }, ...podOf(fate, labels) });
    }
    const counts = {
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: replicas - ready,
    };
    this.put(endpointsOf(name, owned, ready));
    this.put({ ...deployment, status: { observedGeneration: deployment.metadata.generation, ...counts, conditions: [] } });
  }
}

/** Of the Service that has a Deployment's name, with as many endpoints as instances are ready. */
export function endpointsOf(
  name: string,
  owned: { namespace?: string | undefined; labels: Record<string, string> },
  ready: number,
): KubernetesObject {
  const endpoints = Array.from({ length: ready }, (_, index) => ({ addresses: [`10.0.0.${index + 1}`], conditions: { ready: true } }));
  const labels = { ...owned.labels, "kubernetes.io/service-name": name };
  const metadata = { namespace: owned.namespace as string, labels, name: `${name}-slice` };
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, addressType: "IPv4", endpoints };
}

export function podOf(fate: Fate, labels: Record<string, string>): { spec: object; status: object } {
  const container = components.find((component) => Object.values(labels).includes(component)) ?? "predictor";
  const isScheduled = fate !== "never scheduled";
  const isReady = fate === "ready";
  const condition = (type: string, status: boolean, more: object = {}) => ({
    type,
    status: status ? "True" : "False",
    lastTransitionTime: began,
    ...more,
  });
  const hasEnded = fate === "crashes" || fate === "ends well";
  const reasons = { "image cannot be pulled": "ImagePullBackOff", "is being pulled": "ContainerCreating" };
  const waiting = hasEnded ? "CrashLoopBackOff" : reasons[fate as keyof typeof reasons];
  // A kubelet keeps the end of the log of an error only.
  const end = fate === "ends well" ? { exitCode: 0, reason: "Completed" } : { exitCode: 1, reason: "Error", message: "no such model" };
  const exited = { terminated: { ...end, finishedAt: began, startedAt: began } };
  return {
    spec: { ...(isScheduled && { nodeName: "node-1" }), containers: [{ name: container }] },
    status: {
      phase: isReady ? "Running" : "Pending",
      startTime: began,
      conditions: [
        condition(
          "PodScheduled",
          isScheduled,
          isScheduled ? {} : { reason: "Unschedulable", message: "0/1 nodes are available: 1 Insufficient cpu." },
        ),
        ...(isScheduled ? [condition("PodReadyToStartContainers", true), condition("Initialized", true)] : []),
        ...(isScheduled ? [condition("ContainersReady", isReady), condition("Ready", isReady)] : []),
      ],
      containerStatuses: isScheduled
        ? [
            {
              name: container,
              ready: isReady,
              started: isReady,
              image: "slipway/onnx-server:1",
              imageID: isReady ? `docker.io/slipway/onnx-server@${digest}` : "",
              restartCount: hasEnded ? 4 : 0,
              state: waiting ? { waiting: { reason: waiting, message: `${waiting} message` } } : { running: { startedAt: began } },
              ...(hasEnded && { lastState: exited }),
            },
          ]
        : [],
    },
  };
}
