import type { Kind, KubernetesObject } from "../../domain/kubernetes.ts";
import { labels } from "../../domain/names.ts";
import { endpointsOf, type Fate, podOf } from "../doubles/running-cluster.ts";
import type { Pace } from "./conditions.ts";
import type { Gateway } from "./gateway.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";
import type { Time } from "./time.ts";

const scaleMilliseconds = 1_000;
const collectMilliseconds = 500;

/** What Kubernetes does by itself: instances come and go after a while, and autoscalers follow the traffic. */
export class Controllers {
  /** What becomes of the instances of a Deployment, by its name. */
  fate: (deployment: string) => Fate = () => "ready";
  /** Instances that all of a deployment's traffic would keep busy, by its uid: what autoscalers go by. */
  private readonly traffic: Map<string, number>;
  /** Instances that it must find, from when it found them first. */
  private readonly demand: Map<string, number>;
  private isStuck = false;
  private readonly cluster: SimulatedCluster;
  private readonly gateway: Gateway;
  private readonly time: Time;
  private readonly pace: Pace;

  constructor(cluster: SimulatedCluster, gateway: Gateway, time: Time, pace: Pace, origin?: Controllers) {
    this.traffic = new Map(origin?.demand);
    this.cluster = cluster;
    this.gateway = gateway;
    this.time = time;
    this.pace = pace;
    this.demand = new Map(origin?.demand);
    cluster.listeners.push((kind, before, after) => this.follow(kind, before, after));
  }

  private follow(kind: Kind, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    if (kind === "Deployment" && after && after.spec !== before?.spec) this.fill(after);
    if (kind === "Deployment" && !after && before) this.empty(before);
    if (((kind === "Service" || kind === "Deployment") && !after) || after?.metadata.ownerReferences)
      this.time.after(collectMilliseconds, () => this.collect());
    const steers = kind === "HTTPRoute" || kind === "HorizontalPodAutoscaler";
    if (steers) this.time.after(scaleMilliseconds, () => this.scale());
  }

  /** As many pods as the Deployment wants; new ones are ready, or fail, after a while. */
  private fill(deployment: KubernetesObject): void {
    const { namespace, labels, name = "" } = deployment.metadata;
    const { replicas } = deployment.spec as { replicas: number };
    const owned = { namespace: namespace as string, labels: labels as Record<string, string> };
    const set = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { ...owned, name: `${name}-abc` } };
    this.cluster.put({ ...set, spec: { replicas }, status: { replicas } });
    for (let index = 0; index < replicas; index++) {
      const pod = `${name}-abc-${index}`;
      if (this.cluster.find("Pod", namespace ?? null, pod)) continue;
      this.makePod(owned, pod, "is being pulled");
      this.time.after(this.pace.ready * 1000, () => {
        if (!this.isStuck && this.cluster.find("Pod", namespace ?? null, pod)) this.makePod(owned, pod, this.fate(name));
        this.count(namespace as string, name);
      });
    }
    for (const pod of this.podsOf(deployment).slice(replicas)) this.cluster.drop(pod);
    this.count(namespace as string, name);
  }

  private makePod(owned: { namespace: string; labels: Record<string, string> }, name: string, fate: Fate): void {
    this.cluster.put({ apiVersion: "v1", kind: "Pod", metadata: { ...owned, name }, ...podOf(fate, owned.labels) });
  }

  /** A Deployment's status follows its pods. */
  private count(namespace: string, name: string): void {
    const deployment = this.cluster.find("Deployment", namespace, name);
    if (!deployment) return;
    const { replicas } = deployment.spec as { replicas: number };
    const ready = readyPods(this.podsOf(deployment));
    const counts = { replicas, updatedReplicas: replicas, readyReplicas: ready, availableReplicas: ready };
    const status = { observedGeneration: deployment.metadata.generation, ...counts, unavailableReplicas: replicas - ready, conditions: [] };
    this.cluster.put({ ...deployment, status });
    this.cluster.put(endpointsOf(name, { namespace, labels: deployment.metadata.labels ?? {} }, ready));
  }

  /** A removed Deployment's instances finish what they do, and go. */
  private empty(deployment: KubernetesObject): void {
    const { namespace = null, name } = deployment.metadata;
    const set = this.cluster.find("ReplicaSet", namespace, `${name}-abc`);
    if (set) this.cluster.drop(set);
    const slice = this.cluster.find("EndpointSlice", namespace, `${name}-slice`);
    if (slice) this.cluster.drop(slice);
    for (const pod of this.podsOf(deployment)) {
      this.cluster.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date(this.time.now()).toISOString() } });
      this.time.after(this.pace.leave * 1000, () => this.cluster.drop(pod));
    }
  }

  /** The garbage collector: what names an owner goes when there is none of its. */
  private collect(): void {
    const uids = new Set([...this.cluster.objects.values()].map(({ metadata }) => metadata.uid));
    for (const object of [...this.cluster.objects.values()]) {
      const owners = object.metadata.ownerReferences as { uid: string }[] | undefined;
      if (owners?.every(({ uid }) => !uids.has(uid))) this.cluster.drop(object);
    }
  }

  podsOf({ metadata: { namespace, name } }: KubernetesObject): KubernetesObject[] {
    const pods: KubernetesObject[] = [];
    for (let index = 0; ; index++) {
      const pod = this.cluster.find("Pod", namespace ?? null, `${name}-abc-${index}`);
      if (!pod) return pods;
      pods.push(pod);
    }
  }

  /** Instances that all of the traffic of the deployment of that uid must find. */
  demandOf = (uid: string): number => this.demand.get(uid) ?? 1;

  /** More callers come to a deployment, and find what they need after a while. */
  async grow(uid: string, instances: number): Promise<void> {
    this.traffic.set(uid, instances);
    this.scale();
    await this.time.sleep(2 * this.pace.ready * 1000);
    this.demand.set(uid, instances);
  }

  /** An instance of a revision is gone, and no other comes in its place until `heal`. */
  lose(revision: number): void {
    this.isStuck = true;
    const name = new RegExp(`-p${revision}-[0-9]+$`);
    const deployment = this.cluster.all("Deployment").find(({ metadata }) => name.test(metadata.name ?? ""));
    const pod = deployment && this.podsOf(deployment).at(-1);
    if (!deployment || !pod) return;
    this.cluster.drop(pod);
    this.fill(deployment);
  }

  heal(): void {
    this.isStuck = false;
    for (const deployment of this.cluster.all("Deployment")) {
      for (const pod of this.podsOf(deployment).filter((each) => readyPods([each]) === 0)) this.cluster.drop(pod);
      this.fill(deployment);
    }
  }

  /** Nothing answers any more, and nobody asks. */
  forget(uid: string): void {
    this.traffic.delete(uid);
    this.demand.delete(uid);
  }

  /** Every autoscaler finds the size that its share of the traffic needs, within what it may. */
  scale(): void {
    for (const scaler of this.cluster.all("HorizontalPodAutoscaler")) {
      const { namespace = null, name = "" } = scaler.metadata;
      const deployment = this.cluster.find("Deployment", namespace, name);
      if (!deployment) continue;
      const spec = scaler.spec as ScalerSpec;
      const current = (deployment.spec as { replicas: number }).replicas;
      const traffic = this.traffic.get(scaler.metadata.labels?.[labels.uid] ?? "") ?? 1;
      const needed = Math.ceil((traffic * this.gateway.shareOf(name)) / 100);
      const wanted = Math.max(spec.minReplicas, Math.min(needed, spec.maxReplicas));
      const isHeld = wanted < current && spec.behavior?.scaleDown?.selectPolicy === "Disabled";
      if (wanted !== current && !isHeld) this.cluster.put({ ...deployment, spec: { ...(deployment.spec as object), replicas: wanted } });
    }
  }
}

interface ScalerSpec {
  minReplicas: number;
  maxReplicas: number;
  behavior?: { scaleDown?: { selectPolicy?: string } };
}

export function readyPods(pods: KubernetesObject[]): number {
  return pods.filter(({ metadata, status }) => {
    const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
    return !metadata.deletionTimestamp && conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
  }).length;
}
