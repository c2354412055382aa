import type { Answer } from "../../contract/answers.ts";
import type { Head, Observed, Revision } from "../../domain/deployment.ts";
import { describeState } from "../../domain/state.ts";

/** A deployment as it crosses the wire: what was decided, what is wanted, and what was seen of it. */
export function deploymentView(head: Head, observed: Observed | undefined, revision: Revision, now: number): Answer<"Deployment"> {
  const { status, condition, health } = describeState(head, observed, now);
  const { uid, id, group, name, environment, version, endpoint } = head;
  const { created_at, created_by, updated_at, updated_by, deleted_at } = head;
  return {
    uid,
    id,
    group,
    name,
    environment,
    version,
    specification: revision.specification as Answer<"Deployment">["specification"],
    status,
    condition,
    health,
    endpoint,
    revisions: { wanted: head.revisions.wanted, running: head.revisions.running },
    hold: head.hold ?? null,
    created_at,
    created_by,
    updated_at,
    updated_by,
    deleted_at,
  };
}
