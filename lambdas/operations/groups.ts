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

/** A group with all that is said of it. */
export interface WholeGroup extends Group {
  /** Where its artifacts may lie; null: anywhere. */
  model_locations: string[] | null;
}

export async function getGroup({ record }: Reading, caller: Caller, name: string): Promise<WholeGroup> {
  if (!(await visibleGroups(record, caller)).includes(name)) throw noGroup(name);
  return { ...groupOf(caller, name), model_locations: await record.modelLocations(name) };
}

/** Makes a group known; of one that is known already, what is not given stays as it is. */
export async function putGroup(
  { record, clock }: Changing,
  caller: Caller,
  name: string,
  locations: string[] | null | undefined,
): Promise<WholeGroup> {
  requirePlatformAdmin(caller);
  await record.putGroup(name, caller.actor, timestamp(clock), locations);
  return { ...groupOf(caller, name), model_locations: await record.modelLocations(name) };
}

const groupOf = (caller: Caller, name: string): Group => ({ name, role: caller.roles.get(name) ?? null });
