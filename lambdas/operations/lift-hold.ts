import { liftHold as decide } from "../../domain/annotations.ts";
import type { Head } from "../../domain/deployment.ts";
import type { Caller } from "./caller.ts";
import { type Changing, timestamp } from "./installation.ts";
import { type ChangeRequest, loadAnyway } from "./load-for-change.ts";
import { againWhenOvertaken } from "./overtaken.ts";

/** What was rolled back may be promoted again. No hold is no error: nothing is held then, as was asked. */
export function liftHold(ports: Changing, caller: Caller, request: ChangeRequest): Promise<Head> {
  return againWhenOvertaken(ports.clock, async () => {
    const { head } = await loadAnyway(ports, caller, request);
    if (!head.hold) return head;
    await ports.record.annotate(decide(head, { actor: caller.actor, at: timestamp(ports.clock) }));
    return (await ports.record.head(head.uid)) ?? head;
  });
}
