import { applyPatch, type Update } from "../../contract/update.ts";
import type { Head } from "../../domain/deployment.ts";
import type { Operation } from "../../domain/operation.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import { shutsDown } from "../../domain/operation-kinds.ts";
import { beginOperation, desiredOf, storeRevision } from "../../domain/operations.ts";
import type { Revision } from "../../domain/revision.ts";
import { withAccess } from "../../domain/specification.ts";
import { refuse } from "../../domain/transitions.ts";
import type { Standing } from "../ports/record.ts";
import type { ComponentSecrets } from "../ports/secrets.ts";
import { abortRunning } from "./abort-running.ts";
import type { Caller } from "./caller.ts";
import { carryOut } from "./carry-out.ts";
import { findStanding } from "./find-deployment.ts";
import { kept, type Occasion } from "./idempotency.ts";
import { type Changing, timestamp } from "./installation.ts";
import { type ChangeRequest, type Loaded, loadAnyway, storedRevision } from "./load-for-change.ts";
import { againWhenOvertaken, overtakenWhenStale } from "./overtaken.ts";
import { type KnownOfRegistry, resolveWorkload } from "./resolve-workload.ts";
import { revisionSecrets } from "./revision-secrets.ts";

export interface Updated {
  head: Head;
  revision: Revision;
  /** null when the revision is stored only, or nothing changed. */
  operation: Operation | null;
}

/**
 * The next revision by a JSON merge patch of the wanted one's specification. Rolled out when anything runs or was meant
 * to; stored only while CREATED or STOPPED.
 */
export function updateDeployment(
  ports: Changing,
  caller: Caller,
  request: ChangeRequest & { patch: Record<string, unknown>; supersede: boolean },
  occasion?: Occasion,
): Promise<Updated> {
  let { known } = request;
  return againWhenOvertaken(ports.clock, async () => {
    const { head, observed, ...registered }: Standing & KnownOfRegistry = known ?? (await findStanding(ports.record, caller, request.id));
    known = undefined;
    const [found, wanted] = await Promise.all([
      loadAnyway(ports, caller, { ...request, known: { head, observed } }),
      storedRevision(ports, head, head.revisions.wanted),
    ]);
    requireAllowed(found, request.supersede);
    const update = applyPatch(withAccess(wanted.specification, found.head), request.patch);
    if (!update.changed) return { head: found.head, revision: wanted, operation: null };
    const loaded = request.supersede ? await superseded(ports, caller, found) : found;
    const revision = await nextRevision(ports, caller, loaded.head, update, wanted, registered);
    return save(ports, caller, loaded, revision, revisionSecrets({ ...update, kept_from: wanted.revision }), occasion);
  });
}

/** With `supersede` a rollout under way is no reason against it; a stop or delete is. */
export function requireAllowed({ head, status }: Loaded, supersede: boolean): void {
  const givesWay = supersede && head.active_operation !== null && !shutsDown(head.active_operation.kind);
  const problem = refuse("update", status, givesWay ? { ...head, active_operation: null } : head);
  if (problem) throw problem;
}

/** Aborted only when everything else about the request has been found to be right. */
async function superseded(ports: Changing, caller: Caller, { head, status }: Loaded): Promise<Loaded> {
  const idle = await overtakenWhenStale(() => abortRunning(ports, caller, head));
  return { head: idle, status };
}

async function nextRevision(
  ports: Changing,
  caller: Caller,
  head: Head,
  update: Update,
  before: Revision,
  known: KnownOfRegistry,
): Promise<Revision> {
  const otherwise = before.specification.predictor.runtime;
  const { specification, resolved } = await resolveWorkload(ports.record, update.specification, otherwise, known);
  return {
    revision: head.revisions.latest + 1,
    specification,
    resolved,
    created_at: timestamp(ports.clock),
    created_by: caller.actor,
    update_message: specification.update_message,
  };
}

async function save(
  ports: Changing,
  caller: Caller,
  { head, status }: Loaded,
  revision: Revision,
  secrets: ComponentSecrets[],
  occasion: Occasion | undefined,
): Promise<Updated> {
  const actor = caller.actor;
  const at = timestamp(ports.clock);
  if (status === "CREATED" || status === "STOPPED") {
    const decision = storeRevision(head, { revision, actor, at });
    const idempotency = kept(occasion, { status_code: 200, uid: head.uid });
    await ports.record.commit({ ...decision, secrets, ...(idempotency && { idempotency }) });
    return { head: decision.after, revision, operation: null };
  }
  const decision = beginOperation(head, {
    kind: "UPDATE",
    operation_id: nextOperationId({ uid: head.uid, last: head.last_operation?.id }, ports.clock.now()),
    actor,
    at,
    deadline_seconds: revision.specification.rollout.deadline_seconds,
    revision,
    target_revision: revision.revision,
    strategy: revision.specification.rollout.strategy,
    desired: desiredOf(revision.specification),
  });
  return { ...(await carryOut(ports, { ...decision, secrets }, occasion)), revision };
}
