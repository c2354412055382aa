import type { Head } from "../../domain/deployment.ts";
import { Problem } from "../../domain/errors.ts";
import type { Revision } from "../../domain/revision.ts";
import { describeState } from "../../domain/state.ts";
import { refuse } from "../../domain/transitions.ts";
import type { Action, Status } from "../../domain/words.ts";
import type { Standing } from "../ports/record.ts";
import { type Caller, requireRole } from "./caller.ts";
import { findStanding } from "./find-deployment.ts";
import type { Changing } from "./installation.ts";
import type { KnownOfRegistry } from "./resolve-workload.ts";

/** What every change of one deployment asks. */
export interface ChangeRequest {
  /** Id or uid. */
  id: string;
  /** The version that the caller has read (If-Match); undefined when any will do. */
  version: number | undefined;
  /** What its caller has read a moment ago: decided upon once, and read anew where the deployment has moved since. */
  known?: (Standing & KnownOfRegistry) | undefined;
}

export interface Loaded {
  head: Head;
  status: Status;
}

/** HEAD to decide upon, when the caller may change it, has read this version of it and the action may begin now. */
export async function loadForChange(ports: Changing, caller: Caller, request: ChangeRequest, action: Action): Promise<Loaded> {
  const loaded = await loadAnyway(ports, caller, request);
  const problem = refuse(action, loaded.status, loaded.head);
  if (problem) throw problem;
  return loaded;
}

/** The same without asking whether an action may begin. */
export async function loadAnyway(ports: Changing, caller: Caller, { id, version, known }: ChangeRequest): Promise<Loaded> {
  const { head, observed } = known ?? (await findStanding(ports.record, caller, id));
  requireRole(caller, head.group, "member");
  if (version !== undefined && version !== head.version) throw versionMoved(head, version);
  const seen = await ports.record.stillSeen(head, observed);
  return { head, status: describeState(head, seen, ports.clock.now()).status };
}

/** A revision that HEAD names: it is stored in the same transaction, so a missing one is our own fault. */
export async function storedRevision({ record }: Pick<Changing, "record">, head: Head, revision: number): Promise<Revision> {
  const found = await record.revision(head.uid, revision);
  if (!found) throw new Error(`revision ${revision} of deployment ${head.uid} is named by HEAD and not stored`);
  return found;
}

function versionMoved(head: Head, given: number): Problem {
  const detail = `deployment ${head.id} is at version ${head.version}, changed by ${head.updated_by} at ${head.updated_at}; If-Match gave ${given}. Read it again and repeat the change`;
  return new Problem("version-moved", detail, { members: { version: head.version } });
}
