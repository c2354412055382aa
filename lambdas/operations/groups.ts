import type { Role } from "../../domain/words.ts";
import { type Caller, noGroup, requirePlatformAdmin, visibleGroups } from "./caller.ts";
import { type Changing, type Reading, timestamp } from "./installation.ts";

export interface Group {
  name: string;
  /** The caller's own; null for a platform admin whose token does not name the group. */
  role: Role | null;
}

export async function listGroups({ record }: Reading, caller: Caller): Promise<Group[]> {
  return (await visibleGroups(record, caller)).map((name) => groupOf(caller, name));
}

export async function getGroup({ record }: Reading, caller: Caller, name: string): Promise<Group> {
  if (!(await visibleGroups(record, caller)).includes(name)) throw noGroup(name);
  return groupOf(caller, name);
}

/** Makes a group known; one that is known already stays as it is. */
export async function putGroup({ record, clock }: Changing, caller: Caller, name: string): Promise<Group> {
  requirePlatformAdmin(caller);
  await record.putGroup(name, caller.actor, timestamp(clock));
  return groupOf(caller, name);
}

const groupOf = (caller: Caller, name: string): Group => ({ name, role: caller.roles.get(name) ?? null });
