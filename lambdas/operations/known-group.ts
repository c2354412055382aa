import type { Caller } from "./caller.ts";
import { noGroup } from "./caller.ts";
import { type Changing, timestamp } from "./installation.ts";

/**
 * A group is known once something was made in it by somebody whose token names it, or once a platform admin has put it.
 * A platform admin's token names none: what is misspelt there must not become a group.
 */
export async function knownGroup({ record, clock }: Changing, caller: Caller, group: string): Promise<void> {
  if (caller.roles.has(group)) await record.putGroup(group, caller.actor, timestamp(clock));
  else if (!(await record.groups()).includes(group)) throw noGroup(group);
}
