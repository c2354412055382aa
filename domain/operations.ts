import { cardOf } from "./card.ts";
import type { Decision } from "./decision.ts";
import type { Head, SlotRecord } from "./deployment.ts";
import { History } from "./history.ts";
import type { ActiveOperation, Operation } from "./operation.ts";
import { fillsSlot, firstSteps, workflowOf } from "./operation-kinds.ts";
import type { ClusterPlace } from "./place.ts";
import { recordedStatus } from "./recorded-status.ts";
import type { Revision } from "./revision.ts";
import type { RolloutPolicy, Specification } from "./specification.ts";
import { fillSlot, servingSlot, slotToFill, weightsOf } from "./traffic.ts";
import type { OperationKind, SlotName } from "./words.ts";

export { abortOperation, endOperation, sweepOperation } from "./ending.ts";

/**
 * What a person's request makes of a deployment. Each raises `version` by one, each operation also the epoch, so that
 * executors of what was before can write no more. How operations end is in ending.ts.
 */

export interface Creation {
  uid: string;
  /** Complete: defaults filled in, `id` made from the name when none was given. */
  specification: Specification;
  resolved: Revision["resolved"];
  place: ClusterPlace;
  actor: string;
  at: string;
  /** null: created only. */
  start: { operation_id: string } | null;
}

export function createDeployment(creation: Creation): Decision {
  const revision = firstRevision(creation);
  const created = newHead(creation, revision);
  const history = new History(created, creation.actor, creation.at);
  history.add("Deployment Created", `deployment ${created.id} created in ${created.environment}`, null, { status: "CREATED" });
  history.add("Revision Stored", revisionMessage(revision), null, { revision: 1 });
  const after = { ...created, event_sequence: history.sequence };
  if (!creation.start) return { before: undefined, after, events: history.events, revision, card: cardOf(after) };
  const started = beginOperation(after, {
    kind: "START",
    operation_id: creation.start.operation_id,
    actor: creation.actor,
    at: creation.at,
    deadline_seconds: creation.specification.rollout.deadline_seconds,
    revision: null,
    target_revision: 1,
    strategy: creation.specification.rollout.strategy,
    desired: desiredOf(creation.specification),
  });
  return { ...started, before: undefined, revision, events: [...history.events, ...started.events] };
}

export interface Beginning {
  kind: OperationKind;
  operation_id: string;
  actor: string;
  at: string;
  deadline_seconds: number;
  /** A new revision to store in the same transaction (UPDATE); null when the target is there already. */
  revision: Revision | null;
  /** What is to run; for STOP and DELETE, what was wanted. */
  target_revision: number;
  /** Of the target revision: `recreate` stops what serves before the next one starts. Not looked at for STOP and DELETE. */
  strategy: RolloutPolicy["strategy"];
  /** Instances to provision; not looked at for STOP and DELETE. */
  desired: SlotRecord["desired"];
  /** The slot in which the target revision already runs (ROLLBACK to what is warm): nothing is brought up. */
  runs_in?: SlotName;
}

/** The caller has asked `refuse` first: an operation under way is a fault of the program here. */
export function beginOperation(head: Head, beginning: Beginning): Decision {
  if (head.active_operation) throw new RangeError(`${beginning.kind} cannot begin: operation ${head.active_operation.id} runs`);
  const { revision, at, actor } = beginning;
  const history = new History(head, actor, at);
  if (revision)
    history.add("Revision Stored", revisionMessage(revision), { revision: head.revisions.wanted }, { revision: revision.revision });
  const operation = newOperation(head, beginning);
  history.add("Operation Started", `${operation.kind} of revision ${operation.revision} started`, null, operationDetail(operation));
  const after = begun(revision ? withRevision(head, revision) : head, operation, beginning);
  history.addStateChange(recordedStatus(head), recordedStatus(after), null, operation.revision);
  const card = cardOf(after);
  return {
    before: head,
    after: { ...after, event_sequence: history.sequence },
    events: history.of(operation.id),
    operation,
    card,
    ...(revision && { revision }),
  };
}

/** A revision that nothing runs yet: the deployment was never started, or is stopped. */
export function storeRevision(head: Head, { revision, actor, at }: { revision: Revision; actor: string; at: string }): Decision {
  const history = new History(head, actor, at);
  history.add("Revision Stored", revisionMessage(revision), { revision: head.revisions.wanted }, { revision: revision.revision });
  const after: Head = {
    ...withRevision(head, revision),
    version: head.version + 1,
    updated_at: at,
    updated_by: actor,
    event_sequence: history.sequence,
  };
  return { before: head, after, events: history.events, revision, card: cardOf(after) };
}

/** Instances that a revision starts with. */
export function desiredOf({ predictor, transformer }: Specification): SlotRecord["desired"] {
  return { predictor: predictor.scaling_config.min_replicas, transformer: transformer?.scaling_config.min_replicas ?? null };
}

function firstRevision({ specification, resolved, actor, at }: Creation): Revision {
  return { revision: 1, specification, resolved, created_at: at, created_by: actor, update_message: specification.update_message };
}

function newHead({ uid, specification, place, actor, at }: Creation, revision: Revision): Head {
  const { id, group, name, environment, access } = specification;
  return {
    uid,
    id,
    group,
    name,
    environment,
    version: 1,
    epoch: 0,
    event_sequence: 0,
    place,
    revisions: { latest: revision.revision, wanted: revision.revision, running: null, served: [] },
    slots: { blue: null, green: null },
    active_operation: null,
    last_operation: null,
    started_once: false,
    access,
    model: specification.predictor.model,
    created_at: at,
    created_by: actor,
    updated_at: at,
    updated_by: actor,
    deleted_at: null,
  };
}

function withRevision(head: Head, { revision, specification }: Revision): Head {
  const { name, access, predictor } = specification;
  return { ...head, name, access, model: predictor.model, revisions: { ...head.revisions, latest: revision, wanted: revision } };
}

function newOperation(head: Head, beginning: Beginning): Operation {
  const { kind, operation_id, target_revision, actor, at, deadline_seconds } = beginning;
  return {
    id: operation_id,
    deployment_id: head.id,
    uid: head.uid,
    group: head.group,
    kind,
    revision: target_revision,
    epoch: head.epoch + 1,
    slot: fillsSlot(kind) ? (beginning.runs_in ?? slotToFill(head.slots)) : null,
    outcome: null,
    cause: null,
    steps: [],
    weights: weightsOf(head.slots),
    actor,
    started_at: at,
    ended_at: null,
    deadline: new Date(Date.parse(at) + deadline_seconds * 1000).toISOString(),
    evidence: null,
    interrupts_serving: servingSlot(head.slots) !== null && interrupts(beginning),
  };
}

function interrupts({ kind, strategy, runs_in }: Beginning): boolean {
  if (kind === "SMOKE_TEST") return false;
  if (kind === "STOP" || kind === "DELETE") return true;
  return strategy === "recreate" && !runs_in;
}

function begun(head: Head, operation: Operation, { at, actor, desired, runs_in }: Beginning): Head {
  const { id, kind, revision, slot, epoch, deadline, interrupts_serving } = operation;
  const active: ActiveOperation = { id, kind, revision, slot, actor, started_at: at, deadline, step: null, steps: [] };
  const evicts = Boolean(slot && !runs_in && head.slots[slot]);
  const filled = slot && !runs_in ? fillSlot(slot, { revision, epoch, desired }) : {};
  const after: Head = {
    ...head,
    version: head.version + 1,
    epoch,
    revisions: { ...head.revisions, wanted: fillsSlot(kind) ? revision : head.revisions.wanted },
    slots: { ...head.slots, ...filled },
    active_operation: { ...active, ...(evicts && { evicts }), ...(interrupts_serving && { interrupts_serving }) },
    started_once: head.started_once || fillsSlot(kind),
    updated_at: at,
    updated_by: actor,
  };
  return withFirstStep(after, at);
}

function withFirstStep(head: Head, at: string): Head {
  const { active_operation } = head;
  const step = firstSteps[workflowOf(head)];
  if (!active_operation || step === undefined) return head;
  const steps = [{ name: step, started_at: at, ended_at: null, outcome: null, detail: null }];
  return { ...head, active_operation: { ...active_operation, step, steps } };
}

function operationDetail({ kind, revision, slot, deadline, interrupts_serving }: Operation): Record<string, unknown> {
  return { kind, revision, slot, deadline, interrupts_serving, outcome: null };
}

function revisionMessage({ revision, update_message }: Revision): string {
  return update_message ? `revision ${revision} stored: ${update_message}` : `revision ${revision} stored`;
}
