import type { Caller } from "./caller.ts";
import { noGroup } from "./caller.ts";
import type { Changing } from "./installation.ts";

/**
 * Something may be made in a group that the caller's token names: the record makes it known with the first thing in it.
 * A platform admin's token names none: what is misspelt there must not become a group, so that one has to be known.
 */
export async function requireGroup({ record }: Changing, caller: Caller, group: string): Promise<void> {
  if (!caller.roles.has(group) && !(await record.groups()).includes(group)) throw noGroup(group);
}
