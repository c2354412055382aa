import { type Condition, timestamp } from "./resource.ts";

/**
 * The list with one condition set: its transition time moves only when its status does. `updated` also keeps
 * `lastUpdateTime`, as Deployments do.
 */
export function setCondition(list: Condition[] | undefined, condition: Condition, updated = false): Condition[] {
  const before = list?.find((each) => each.type === condition.type);
  const now = timestamp();
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
  const next = { ...condition, lastTransitionTime, ...(updated && { lastUpdateTime: condition.lastUpdateTime ?? now }) };
  return [...(list ?? []).filter((each) => each.type !== condition.type), next];
}

export function findCondition(list: Condition[] | undefined, type: string): Condition | undefined {
  return list?.find((condition) => condition.type === type);
}

export function withoutCondition(list: Condition[] | undefined, type: string): Condition[] {
  return (list ?? []).filter((condition) => condition.type !== type);
}
