import type { Card } from "../../domain/deployment.ts";
import type { CardQuery, Page, PageRequest } from "../ports/record.ts";
import { type Caller, maySee, visibleGroups } from "./caller.ts";
import type { Reading } from "./installation.ts";

export interface DeploymentFilter extends Omit<CardQuery, "groups" | "mine"> {
  group?: string;
  /** Only what the caller created or last updated. */
  mine: boolean;
}

/** Sorted by name. A group that the caller may not see has no deployments. */
export async function listDeployments(
  { record }: Reading,
  caller: Caller,
  filter: DeploymentFilter,
  page: PageRequest,
): Promise<Page<Card>> {
  const { group, mine, ...rest } = filter;
  const groups = await groupsAsked({ record }, caller, group);
  return record.cards({ groups, ...rest, ...(mine && { mine: caller.actor }) }, page);
}

export async function groupsAsked({ record }: Pick<Reading, "record">, caller: Caller, group: string | undefined): Promise<string[]> {
  if (group === undefined) return visibleGroups(record, caller);
  return maySee(caller, group) ? [group] : [];
}
