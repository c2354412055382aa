import type { Card, Head } from "./deployment.ts";
import { recordedStatus } from "./recorded-status.ts";
import type { Status } from "./words.ts";

/** What a list shows. */
export function cardOf(head: Head, status: Status = recordedStatus(head)): Card {
  const { uid, id, group, name, environment, access, model, created_at, created_by, updated_at, updated_by } = head;
  const revisions = { wanted: head.revisions.wanted, running: head.revisions.running };
  return { uid, id, group, name, environment, status, access, revisions, model, created_at, created_by, updated_at, updated_by };
}
