import { applyPatch } from "../../contract/update.ts";
import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import { beginOperation, desiredOf } from "../../domain/operations.ts";
import type { Revision } from "../../domain/revision.ts";
import { withAccess } from "../../domain/specification.ts";
import type { ComponentSecrets } from "../ports/secrets.ts";
import type { Caller } from "./caller.ts";
import { type Begun, carryOut } from "./carry-out.ts";
import type { Repeatable } from "./idempotency.ts";
import { type Changing, timestamp } from "./installation.ts";
import { storedRevision } from "./load-for-change.ts";
import { resolveWorkload } from "./resolve-workload.ts";
import { revisionSecrets } from "./revision-secrets.ts";

/** Everything of a next revision but its number. */
export interface MadeRevision {
  revision: Omit<Revision, "revision">;
  secrets: ComponentSecrets[];
}

/**
 * Of a version of the model that the deployment serves: what runs if it has it, else what has served with it last, else
 * the newest revision with it. undefined when there is none. Errors: Problem, when it serves no model of the registry.
 */
export async function revisionWithVersion(ports: Changing, head: Head, version: number): Promise<number | undefined> {
  const { running, served } = head.revisions;
  const { name } = await servedModel(ports, head);
  const has = ({ specification: { predictor } }: Revision) => predictor.model?.name === name && predictor.model.version === version;
  for (const number of [...(running === null ? [] : [running]), ...served]) {
    const revision = await ports.record.revision(head.uid, number);
    if (revision && has(revision)) return number;
  }
  for (let cursor: string | undefined | null = null; cursor !== undefined; ) {
    const page: Awaited<ReturnType<typeof ports.record.revisions>> = await ports.record.revisions(head.uid, {
      limit: 100,
      ...(cursor && { cursor }),
    });
    const found = page.items.find(has);
    if (found) return found.revision;
    cursor = page.next_cursor;
  }
  return undefined;
}

/** As what serves, but with that version, and with the secrets that it has. Errors: Problem, when that version cannot be served so. */
export async function madeForVersion(ports: Changing, caller: Caller, head: Head, number: number): Promise<MadeRevision> {
  const base = await serving(ports, head);
  const { name } = await servedModel(ports, head);
  const update_message = `back to version ${number} of ${name}`;
  const update = applyPatch(withAccess(base.specification, head), { update_message, predictor: { model: { name, version: number } } });
  const otherwise = base.specification.predictor.runtime;
  const workload = await saidOfVersion(head, number, resolveWorkload(ports.record, update.specification, otherwise));
  const revision = { ...workload, created_at: timestamp(ports.clock), created_by: caller.actor, update_message };
  return { revision, secrets: revisionSecrets({ ...update, kept_from: base.revision }) };
}

/** The number is all that its caller gave: whatever is wrong with the specification that was made of it is said of that field. */
async function saidOfVersion<T>({ id }: Head, given: number, resolved: Promise<T>): Promise<T> {
  return resolved.catch((error: unknown) => {
    if (!(error instanceof Problem) || error.code !== "invalid-input") throw error;
    const errors = error.errors.map(({ message }) => ({ path: "model_version", message, given }));
    const detail = `${id} cannot be rolled back to model version ${given}: ${errors.map(({ message }) => message).join("; ")}`;
    throw new Problem("invalid-input", detail, { errors });
  });
}

/** Stores the revision and begins the rollback to it, or does neither. */
export function beginOnMadeRevision(
  ports: Changing,
  caller: Caller,
  head: Head,
  { revision: made, secrets }: MadeRevision,
  repeatable: Repeatable | undefined,
): Promise<Begun> {
  const revision: Revision = { ...made, revision: head.revisions.latest + 1 };
  const { rollout } = revision.specification;
  const decision = beginOperation(head, {
    kind: "ROLLBACK",
    operation_id: nextOperationId({ uid: head.uid, last: head.last_operation?.id }, ports.clock.now()),
    actor: caller.actor,
    at: timestamp(ports.clock),
    deadline_seconds: rollout.deadline_seconds,
    revision,
    target_revision: revision.revision,
    strategy: rollout.strategy,
    desired: desiredOf(revision.specification),
  });
  return carryOut(ports, { ...decision, secrets }, repeatable);
}

/** What has the traffic, else what was to have it. */
const serving = (ports: Changing, head: Head): Promise<Revision> =>
  storedRevision(ports, head, head.revisions.running ?? head.revisions.wanted);

async function servedModel(ports: Changing, head: Head): Promise<{ name: string }> {
  const { revision, specification } = await serving(ports, head);
  if (specification.predictor.model) return specification.predictor.model;
  const message = `its revision ${revision} serves no model of the registry. Give the revision to go to`;
  throw new Problem("invalid-input", `${head.id} cannot be rolled back to a model version: ${message}`, {
    errors: [{ path: "model_version", message }],
  });
}
