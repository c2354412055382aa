import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ulid } from "ulid";
import type { Head } from "../../domain/deployment.ts";
import { entryName } from "../../domain/manifests/route.ts";
import type { Operation } from "../../domain/operation.ts";
import { beginOperation, createDeployment, desiredOf } from "../../domain/operations.ts";
import type { Revision } from "../../domain/revision.ts";
import type { SlotReading } from "../../domain/slot-figures.ts";
import type { Specification } from "../../domain/specification.ts";
import type { OperationKind, SlotName } from "../../domain/words.ts";
import { maskSecrets } from "../../lambdas/masking/mask-secrets.ts";
import type { Alarms } from "../../lambdas/ports/alarms.ts";
import type { EvidenceStore } from "../../lambdas/ports/evidence.ts";
import type { MaskQuestion } from "../../lambdas/ports/masking.ts";
import type { GatewayFigures, SlotMetrics } from "../../lambdas/ports/slot-metrics.ts";
import type { Clock } from "../../lambdas/ports/surroundings.ts";
import type { WorkflowInput } from "../../lambdas/ports/workflows.ts";
import { VirtualClock } from "../../local/step-functions/clock.ts";
import { aHead, aSpecification } from "../doubles/deployments.ts";
import { MemoryRecord } from "../doubles/memory-record.ts";
import { MemorySecrets } from "../doubles/memory-secrets.ts";
import { RunningCluster } from "../doubles/running-cluster.ts";

const begun = Date.parse("2026-11-21T09:12:03.120Z");

/** One deployment with everything that its steps meet, on a clock that moves only when all else has come to rest. */
export class Scene {
  readonly virtual = new VirtualClock(begun);
  readonly clock: Clock = {
    now: () => this.virtual.now(),
    sleep: (milliseconds, signal = new AbortController().signal) => this.virtual.sleepUntil(this.virtual.now() + milliseconds, signal),
  };
  readonly secrets = new MemorySecrets();
  readonly record = new MemoryRecord(this.clock, this.secrets);
  readonly cluster = new RunningCluster();
  /** What the gateway has counted, by Service; none where nothing is said. */
  readonly counted = new Map<string, SlotReading>();
  readonly metrics: SlotMetrics = { read: async (head, record) => this.counted.get(entryName(head, record)) };
  readonly figures: GatewayFigures = {
    read: async (_cluster, _metrics, services) => services.map(({ service }) => structuredClone(this.counted.get(service) ?? {})),
  };
  readonly alarmStates: Record<string, "OK" | "ALARM" | "INSUFFICIENT_DATA"> = {};
  readonly alarms: Alarms = {
    states: async (names) => Object.fromEntries(names.flatMap((name) => (this.alarmStates[name] ? [[name, this.alarmStates[name]]] : []))),
  };
  readonly kept = new Map<string, unknown>();
  readonly evidence: EvidenceStore = {
    put: async (uid, operationId, name, body) => {
      const key = `${uid}/${operationId}/${name}.json`;
      this.kept.set(key, structuredClone(body));
      return key;
    },
  };
  readonly uid = ulid();

  get ports() {
    return {
      record: this.record,
      clusters: async () => this.cluster,
      clock: this.clock,
      secrets: this.secrets,
      evidence: this.evidence,
      metrics: this.metrics,
      figures: this.figures,
      maskSecrets: (question: MaskQuestion) => maskSecrets(question, this.secrets),
      alarms: this.alarms,
    };
  }

  get at(): string {
    return new Date(this.clock.now()).toISOString();
  }

  async head(): Promise<Head> {
    const head = await this.record.head(this.uid);
    if (!head) throw new Error("the deployment was not created");
    return head;
  }

  async operation(input: WorkflowInput): Promise<Operation> {
    const operation = await this.record.operation(input.operation_id);
    if (!operation) throw new Error(`operation ${input.operation_id} is not recorded`);
    return operation;
  }

  /** As if a newer operation had begun. */
  overtake(): void {
    const head = this.record.heads_.get(this.uid);
    if (head) head.epoch += 1;
  }

  /** Creates the deployment and begins its first START. */
  async start(over: Partial<Specification> = {}): Promise<WorkflowInput> {
    const operation_id = ulid(this.clock.now());
    const decision = createDeployment({
      uid: this.uid,
      specification: aSpecification(over),
      resolved: resolvedOf(over),
      place: aHead().place,
      actor: "ada@example.com",
      at: this.at,
      start: { operation_id },
    });
    await this.record.commit(decision);
    return { uid: this.uid, operation_id, epoch: decision.after.epoch };
  }

  /** Begins a rollback to what runs in a slot already. */
  async rollBackTo(slot: SlotName): Promise<WorkflowInput> {
    const head = await this.head();
    const operation_id = ulid(this.clock.now());
    const decision = beginOperation(head, {
      kind: "ROLLBACK",
      operation_id,
      actor: "ada@example.com",
      at: this.at,
      deadline_seconds: 1800,
      revision: null,
      target_revision: head.slots[slot]?.revision ?? 0,
      strategy: "all_at_once",
      desired: desiredOf(aSpecification()),
      runs_in: slot,
    });
    await this.record.commit(decision);
    return { uid: this.uid, operation_id, epoch: decision.after.epoch };
  }

  /** Begins an operation; an UPDATE stores a revision with these changes. */
  async begin(kind: OperationKind, over: Partial<Specification> = {}): Promise<WorkflowInput> {
    const head = await this.head();
    const specification = aSpecification(over);
    const number = head.revisions.latest + 1;
    const common = { created_at: this.at, created_by: "ada@example.com", update_message: "next" };
    const revision: Revision | null = kind === "UPDATE" ? { revision: number, specification, resolved: resolvedOf(over), ...common } : null;
    const operation_id = ulid(this.clock.now());
    const decision = beginOperation(head, {
      kind,
      operation_id,
      actor: "ada@example.com",
      at: this.at,
      deadline_seconds: specification.rollout.deadline_seconds,
      revision,
      target_revision: revision ? number : (head.revisions.running ?? head.revisions.wanted),
      strategy: specification.rollout.strategy,
      desired: desiredOf(specification),
    });
    await this.record.commit(decision);
    return { uid: this.uid, operation_id, epoch: decision.after.epoch };
  }
}

const resolvedOf = ({ transformer }: Partial<Specification>): Revision["resolved"] => ({
  predictor: { image: "slipway/onnx-server:1", artifact_uri: "s3://models/card-fraud/3", model_name: "card-fraud" },
  transformer: transformer ? { image: transformer.image ?? "", artifact_uri: null, model_name: "card-fraud" } : null,
});

/** The Service of what is in a slot. */
export const serviceOf = (head: Head, slot: SlotName): string => entryName(head, head.slots[slot] as NonNullable<Head["slots"][SlotName]>);

/** For steps whose time is not what a test is about. */
export const allTheTime = (): number => 600_000;

export function definitionOf(machine: string): Record<string, unknown> & { States: Record<string, Record<string, unknown>> } {
  return JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "statemachines", `${machine}.asl.json`), "utf8"));
}
