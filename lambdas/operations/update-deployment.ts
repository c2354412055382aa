import { applyPatch, type Update } from "../../contract/update.ts";
import type { Head, Operation, Revision } from "../../domain/deployment.ts";
import { beginOperation, desiredOf, storeRevision } from "../../domain/operations.ts";
import type { ComponentSecrets } from "../ports/secrets.ts";
import type { Caller } from "./caller.ts";
import { carryOut } from "./carry-out.ts";
import { type Changing, timestamp } from "./installation.ts";
import { type ChangeRequest, type Loaded, loadForChange, storedRevision } from "./load-for-change.ts";
import { againWhenOvertaken } from "./overtaken.ts";
import { resolveWorkload } from "./resolve-workload.ts";
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
  request: ChangeRequest & { patch: Record<string, unknown> },
): Promise<Updated> {
  return againWhenOvertaken(ports.clock, async () => {
    const loaded = await loadForChange(ports, caller, request, "update");
    const wanted = await storedRevision(ports, loaded.head, loaded.head.revisions.wanted);
    const update = applyPatch(wanted.specification, request.patch);
    if (!update.changed) return { head: loaded.head, revision: wanted, operation: null };
    const revision = await nextRevision(ports, caller, loaded.head, update);
    return save(ports, caller, loaded, revision, revisionSecrets({ ...update, kept_from: wanted.revision }));
  });
}

async function nextRevision(ports: Changing, caller: Caller, head: Head, { specification }: Update): Promise<Revision> {
  return {
    revision: head.revisions.latest + 1,
    specification,
    resolved: await resolveWorkload(ports.record, specification),
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
): Promise<Updated> {
  const actor = caller.actor;
  const at = timestamp(ports.clock);
  if (status === "CREATED" || status === "STOPPED") {
    const decision = storeRevision(head, { revision, actor, at });
    await ports.record.commit({ ...decision, secrets });
    return { head: decision.after, revision, operation: null };
  }
  const decision = beginOperation(head, {
    kind: "UPDATE",
    operation_id: ports.newId(),
    actor,
    at,
    deadline_seconds: revision.specification.rollout.deadline_seconds,
    revision,
    target_revision: revision.revision,
    strategy: revision.specification.rollout.strategy,
    desired: desiredOf(revision.specification),
  });
  return { ...(await carryOut(ports, { ...decision, secrets }, undefined)), revision };
}
