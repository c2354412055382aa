import type { Annotation } from "./decision.ts";
import type { Head } from "./deployment.ts";
import { History } from "./history.ts";

/** What a person says of a deployment beside whatever runs there. */

interface Said {
  actor: string;
  at: string;
}

/** What was rolled back may come again. The caller has seen that there is a hold. */
export function liftHold(head: Head, { actor, at }: Said): Annotation {
  const history = new History(head, actor, at);
  history.add("Hold Lifted", `the hold on ${head.id} was lifted`, { hold: head.hold ?? null }, { hold: null });
  return { before: head, hold: null, events: history.events };
}

/** The step under way may end. The caller has seen that it is one that waits. */
export function promote(head: Head, { actor, at }: Said): Annotation {
  const operation = head.active_operation;
  const step = operation?.steps.at(-1);
  if (!operation || !step) throw new RangeError(`nothing of deployment ${head.id} waits to be promoted`);
  const history = new History(head, actor, at);
  const { id, kind, revision } = operation;
  history.add("Operation Promoted", `${kind} of revision ${revision} was promoted by ${actor}`, null, { kind, revision, step: step.name });
  return { before: head, promotion: { step_started_at: step.started_at, by: actor, at }, events: history.of(id) };
}
