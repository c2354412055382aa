import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { routeState } from "../../domain/manifests/route.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import { beginOperation, desiredOf, endOperation } from "../../domain/operations.ts";
import { kubernetesClient } from "../../lambdas/adapters/kubernetes-client.ts";
import type { KubernetesAccess } from "../../lambdas/adapters/kubernetes-request.ts";
import type { Cluster } from "../../lambdas/ports/cluster.ts";
import { RecordConflict, type RecordStore } from "../../lambdas/ports/record.ts";
import { endWith } from "../../lambdas/rollout/end-step.ts";
import { prepare } from "../../lambdas/rollout/prepare.ts";
import { provisionSlot } from "../../lambdas/rollout/provision-slot.ts";
import { claim, pointRoute } from "../../lambdas/rollout/route.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";
import type { RunningSystem } from "../running-system.ts";
import { patchObject } from "./patch-object.ts";
import { isGated, statusOf, withoutProcesses } from "./pods-without-processes.ts";
import { isReady } from "./readiness.ts";

const noSecrets = { get: async () => ({}), forget: async () => {} };
/** Of one deployment. */
export const podsEach = 10;
const atOnce = 6;
/** Milliseconds, on a machine with other work to do. */
const longestFill = 600_000;
const isOvertaken = (error: Error): boolean =>
  error instanceof RecordConflict || (error instanceof WorkflowError && error.name === "StaleEpoch");
const idOf = ({ metadata }: KubernetesObject): string => metadata.labels?.["slipway.dev/deployment"] ?? "";
const scope = { namespace: null, labels: { "app.kubernetes.io/managed-by": "slipway" } };

/**
 * Deployments whose objects are made by the product's own steps, and whose pods are no processes: no node takes them, and
 * their kubelet is here, as KWOK is one. What they say of themselves is a change of their status and nothing else.
 */
export class Crowd {
  private readonly system: RunningSystem;
  private readonly record: RecordStore;
  private readonly cluster: Cluster;
  private readonly access: KubernetesAccess;
  private readonly pods = new Map<string, KubernetesObject>();
  private readonly end = new AbortController();
  /** Ids of those that serve. */
  private readonly serving = new Set<string>();
  private named = 0;

  constructor(system: RunningSystem, record: RecordStore, access: KubernetesAccess) {
    this.system = system;
    this.record = record;
    this.access = access;
    this.cluster = withoutProcesses(kubernetesClient(access, systemClock));
  }

  /** Is the kubelet of whatever comes, until it is stopped. */
  async keepPods(): Promise<void> {
    while (!this.end.signal.aborted) await this.followPods().catch((error: Error) => this.unlessStopped(error));
  }

  private unlessStopped(error: Error): void {
    // A version that is too old, or a connection that broke: all is listed anew.
    if (!this.end.signal.aborted) console.error(`the kubelet of the bench looks again: ${error.message}`);
  }

  stop(): void {
    this.end.abort();
  }

  /** Makes more, until there are so many pods, all of them ready. */
  async grow(pods: number): Promise<void> {
    // The first makes the namespace.
    if (this.named === 0) await this.make();
    do {
      const more = Array.from({ length: pods / podsEach - this.serving.size }).values();
      const make = async () => {
        for (const _ of more) await this.make();
      };
      await Promise.all(Array.from({ length: atOnce }, make));
      for (const id of this.serving) await this.settled(id);
    } while (this.serving.size < pods / podsEach);
    await this.system.until(async () => (this.served().filter(isReady).length >= pods ? true : undefined), longestFill);
  }

  /** Healthy, or no more among those that serve. */
  private async settled(id: string): Promise<void> {
    const over = ["healthy", "failed"];
    const health = await this.system.until(async () => {
      const state = await this.system.call("GET", `/v1/deployments/${id}/state`);
      return over.find((each) => each === state.health);
    });
    if (health === "failed") this.serving.delete(id);
  }

  /** Says of one of them that it is ready or not, and gives whose it is. */
  async turn(number: number, ready: boolean): Promise<string> {
    const pod = this.served()[number] as KubernetesObject;
    await this.tell(pod, ready);
    return idOf(pod);
  }

  private served(): KubernetesObject[] {
    return [...this.pods.values()].filter((pod) => this.serving.has(idOf(pod)));
  }

  private async make(): Promise<void> {
    const id = `crowd-${this.named++}`;
    const predictor = { image: "bench/none:1", scaling_config: { min_replicas: podsEach, max_replicas: podsEach } };
    const body = { group: "demo", name: id, id, environment: "staging", access: "public", start: false, predictor };
    // A machine with other work to do may be too slow for an attempt: it is made once all the same.
    const headers = { "idempotency-key": id };
    const { deployment } = await this.system.until(() => this.system.call("POST", "/v1/deployments", body, { headers }));
    try {
      await this.start(deployment.uid);
      this.serving.add(id);
    } catch (error) {
      if (!(error instanceof Error && isOvertaken(error))) throw error;
      await this.system.call("POST", `/v1/deployments/${id}/stop`).catch(() => undefined);
    }
  }

  /**
   * As a rollout does it. Sync may find the operation without an execution meanwhile, and begin one: then it is overtaken,
   * now or, found out later, when it has ended. Another one is made in its place.
   */
  private async start(uid: string): Promise<void> {
    const [head, revision] = [await this.record.head(uid), await this.record.revision(uid, 1)];
    if (!head || !revision) throw new Error(`${uid} was not created`);
    const ports = { record: this.record, clusters: async () => this.cluster, clock: systemClock, secrets: noSecrets };
    const operation_id = nextOperationId({ uid, last: head.last_operation?.id }, Date.now());
    const common = { operation_id, actor: "bench", at: new Date().toISOString() };
    const rollout = { kind: "START", deadline_seconds: 600, strategy: "all_at_once" } as const;
    const desired = desiredOf(revision.specification);
    const begun = beginOperation(head, { ...common, ...rollout, revision: null, target_revision: 1, desired });
    await this.record.commit(begun);
    const input = { uid, operation_id, epoch: begun.after.epoch };
    await prepare(input, ports);
    await provisionSlot(input, ports);
    await this.serve(input);
  }

  /** As ShiftTraffic and Complete leave it. */
  private async serve(input: { uid: string; operation_id: string; epoch: number }): Promise<void> {
    const head = await this.record.head(input.uid);
    const slot = head?.active_operation?.slot;
    const placed = slot && head?.slots[slot];
    if (!head || !slot || !placed) throw new Error(`${input.uid} has no slot`);
    const active = { ...placed, role: "active", weight: 100 } as const;
    await this.record.saveSlots({ ...input, steps: head.active_operation?.steps.length ?? 0 }, { [slot]: active });
    const serving = { ...head, slots: { ...head.slots, [slot]: active } };
    await claim(this.cluster, serving);
    await pointRoute(this.cluster, serving, routeState(serving, slot), this.record, undefined);
    const end = { operation_id: input.operation_id, outcome: "SUCCEEDED", cause: null, condition: null } as const;
    await endWith(input, this.record, "SUCCEEDED", (now) => endOperation(now, { ...end, at: new Date().toISOString() }));
  }

  private async followPods(): Promise<void> {
    const { items, resource_version } = await this.cluster.list("Pod", scope);
    for (const pod of items) this.see(pod);
    for await (const { type, object } of this.cluster.watch("Pod", scope, resource_version, this.end.signal)) {
      if (type === "DELETED") this.pods.delete(object.metadata.uid ?? "");
      else if (type !== "BOOKMARK") this.see(object);
    }
  }

  private see(pod: KubernetesObject): void {
    const { uid = "" } = pod.metadata;
    this.pods.set(uid, pod);
    // Not before the scheduler has said that it leaves it alone: what it says would come on top.
    if (isGated(pod)) void this.tell(pod, true);
  }

  private async tell(pod: KubernetesObject, ready: boolean): Promise<void> {
    const { name = "", namespace = "", uid = "" } = pod.metadata;
    const status = statusOf(pod, ready);
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    // One that has gone meanwhile has nothing more to say.
    const told = await this.system.until(async () => (this.pods.has(uid) ? patchObject(this.access, path, { status }) : null));
    if (told) this.pods.set(uid, told);
  }
}
