import { ulid } from "ulid";
import type { Decision, Ending } from "../../domain/decision.ts";
import type { Card, Head, SlotRecord } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Operation } from "../../domain/operation.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import type { Revision } from "../../domain/revision.ts";
import type { Specification } from "../../domain/specification.ts";
import type { OperationKind, Outcome } from "../../domain/words.ts";

/** Deployments, decisions and endings as the domain gives them, for tests of what stores and carries them. */
export const at = "2026-11-21T09:12:03.120Z";

export function aHead(over: Partial<Head> = {}): Head {
  const id = over.id ?? "card-scorer";
  return {
    uid: over.uid ?? ulid(),
    id,
    group: "fraud",
    name: over.name ?? id,
    environment: "production",
    version: 1,
    epoch: 0,
    event_sequence: 1,
    place: {
      cluster: "local",
      namespace: "slipway-fraud-production",
      gateway: { name: "slipway", namespace: "slipway-gateway", service: "slipway-gateway", port: 80, settle_seconds: 0 },
    },
    revisions: { latest: 1, wanted: 1, running: null, served: [] },
    slots: { blue: null, green: null },
    active_operation: null,
    last_operation: null,
    started_once: false,
    access: "public",
    model: { name: "card-fraud", version: 3 },
    created_at: at,
    created_by: "ada@example.com",
    updated_at: at,
    updated_by: "ada@example.com",
    deleted_at: null,
    ...over,
  };
}

/** One size says all there is to say: what concerns autoscalers needs more than one. */
export function autoscaled(): Pick<Specification, "predictor"> {
  const { predictor } = aSpecification();
  return { predictor: { ...predictor, scaling_config: { ...predictor.scaling_config, max_replicas: 2 } } };
}

export function aSpecification(over: Partial<Specification> = {}): Specification {
  return {
    group: "fraud",
    name: "card-scorer",
    id: "card-scorer",
    environment: "production",
    description: "",
    update_message: "first",
    predictor: {
      runtime: "onnx",
      image: null,
      image_pull_secret: null,
      model: { name: "card-fraud", version: 3 },
      model_uri: "s3://models/card-fraud/3",
      instance_type: "cpu.small",
      scaling_config: { min_replicas: 1, max_replicas: 1, target_cpu_utilization: 60, cooldown_period: 300 },
      env: [],
    },
    transformer: null,
    metadata: {},
    access: "public",
    enable_monitoring: true,
    rollout: {
      strategy: "all_at_once",
      final_bake_seconds: 0,
      drain_seconds: 0,
      warm_seconds: 0,
      deadline_seconds: 1800,
      manual_promotion: false,
      auto_rollback: null,
    },
    smoke_tests: [],
    ...over,
  };
}

export const aRevision = (revision: number, over: Partial<Revision> = {}): Revision => ({
  revision,
  specification: aSpecification(),
  resolved: {
    predictor: { image: "slipway/onnx-server:1", artifact_uri: "s3://models/card-fraud/3", model_name: "card-fraud" },
    transformer: null,
  },
  created_at: at,
  created_by: "ada@example.com",
  update_message: "first",
  ...over,
});

export const aCard = (head: Head, over: Partial<Card> = {}): Card => ({
  uid: head.uid,
  id: head.id,
  group: head.group,
  name: head.name,
  environment: head.environment,
  status: "CREATED",
  access: head.access,
  revisions: { wanted: head.revisions.wanted, running: head.revisions.running },
  model: { name: "card-fraud", version: 3 },
  created_at: head.created_at,
  created_by: head.created_by,
  updated_at: head.updated_at,
  updated_by: head.updated_by,
  ...over,
});

export const anEvent = (sequence: number, over: Partial<DeploymentEvent> = {}): DeploymentEvent => ({
  sequence,
  at,
  actor: "ada@example.com",
  type: "Revision Stored",
  message: `event ${sequence}`,
  before: null,
  after: null,
  operation_id: null,
  ...over,
});

/** A deployment made and nothing started. */
export function created(over: Partial<Head> = {}): Decision {
  const after = aHead(over);
  return { before: undefined, after, events: [anEvent(1, { type: "Deployment Created" })], revision: aRevision(1), card: aCard(after) };
}

const idOfNext = ({ uid, last_operation }: Head) => nextOperationId({ uid, last: last_operation?.id }, Date.now());

/** An operation begun on a deployment: epoch, version and sequence moved on. */
export function begun(before: Head, kind: OperationKind = "START", operationId = idOfNext(before)): Decision & { operation: Operation } {
  const epoch = before.epoch + 1;
  const common = {
    id: operationId,
    kind,
    revision: before.revisions.wanted,
    slot: "blue" as const,
    actor: "ada@example.com",
    started_at: at,
  };
  const after: Head = {
    ...before,
    epoch,
    version: before.version + 1,
    event_sequence: before.event_sequence + 1,
    started_once: true,
    active_operation: { ...common, deadline: "2026-11-21T09:42:03.120Z", step: null, steps: [] },
  };
  const operation: Operation = {
    ...common,
    deployment_id: before.id,
    uid: before.uid,
    group: before.group,
    epoch,
    outcome: null,
    cause: null,
    steps: [],
    weights: {},
    ended_at: null,
    deadline: "2026-11-21T09:42:03.120Z",
    evidence: null,
    interrupts_serving: false,
  };
  const events = [anEvent(after.event_sequence, { type: "Operation Started", operation_id: operationId })];
  return { before, after, events, operation, card: aCard(after, { status: "STARTING" }) };
}

/** The end of the operation under way. */
export function ended(before: Head, outcome: Outcome, over: Partial<Head> = {}): Ending {
  const active = before.active_operation;
  if (!active) throw new Error("no operation is under way");
  const sequence = before.event_sequence + 1;
  const { id, kind, revision } = active;
  const after: Head = {
    ...before,
    version: before.version + 1,
    event_sequence: sequence,
    active_operation: null,
    last_operation: { id, kind, outcome, revision, cause: null, condition: null },
    ...over,
  };
  return {
    before,
    after,
    operation: { id, outcome, cause: null, steps: active.steps, ended_at: at },
    events: [anEvent(sequence, { type: "Operation Ended", operation_id: id })],
    card: aCard(after, { status: "RUNNING" }),
  };
}

export const aSlot = (over: Partial<SlotRecord> = {}): SlotRecord => ({
  revision: 1,
  epoch: 1,
  role: "preview",
  weight: 0,
  desired: { predictor: 1, transformer: null },
  ...over,
});

export const anObservation = (over: Partial<Observed> = {}): Observed => ({
  epoch: 1,
  observed_at: at,
  version: 1,
  passed: {},
  earlier: 0,
  condition: { type: "SCHEDULED", status: "Unknown", reason: "Pending", message: "waiting for a node", at },
  transitions: [{ type: "SCHEDULED", status: "Unknown", reason: "Pending", message: "waiting for a node", at }],
  slots: { blue: null, green: null },
  ...over,
});
