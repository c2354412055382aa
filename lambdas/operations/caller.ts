import { Problem } from "../../domain/errors.ts";
import { type Role, roles } from "../../domain/words.ts";
import type { Registry } from "../ports/record.ts";

/** Who asks, as the verified token says. */
export interface Caller {
  /** Named in events and revisions: the e-mail address, else the subject. */
  actor: string;
  /** The highest role in each group. */
  roles: ReadonlyMap<string, Role>;
  /** Admin of every group. */
  platformAdmin: boolean;
}

export function roleIn(caller: Caller, group: string): Role | undefined {
  return caller.platformAdmin ? "admin" : caller.roles.get(group);
}

export const maySee = (caller: Caller, group: string): boolean => roleIn(caller, group) !== undefined;

/** For a group that the caller may see; who may not see it is told that it does not exist. */
export function requireRole(caller: Caller, group: string, least: Role): void {
  const role = roleIn(caller, group);
  if (role === undefined) throw noGroup(group);
  if (roles.indexOf(role) >= roles.indexOf(least)) return;
  throw new Problem("forbidden", `this needs the role ${least} in the group ${group}; yours is ${role}. Ask an admin of the group`);
}

export function requirePlatformAdmin(caller: Caller): void {
  if (caller.platformAdmin) return;
  throw new Problem("forbidden", "this needs the role platform:admin, which your token does not carry. Ask who runs this installation");
}

/** The groups whose things the caller may list: all that exist for a platform admin, else those of the token. */
export async function visibleGroups(registry: Registry, caller: Caller): Promise<string[]> {
  return caller.platformAdmin ? registry.groups() : [...caller.roles.keys()].sort();
}

export const noGroup = (group: string) =>
  new Problem("not-found", `there is no group ${group}, or you may not see it. GET /v1/groups lists those that you may`);
