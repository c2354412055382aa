import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import { type Item, toItem, withoutNulls } from "./dynamodb-items.ts";
import { keys, prefixes } from "./dynamodb-keys.ts";
import { toInstant, toNumber } from "./instants.ts";

/**
 * What one change tells lies in one EVENT item, under the sequence of its first event: a transaction is billed by item.
 * Who, when, of which operation and of which deployment is said once for all of them.
 */
export function eventItems(uid: string, events: DeploymentEvent[]): Item[] {
  const groups: DeploymentEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    if (last && headerOf(last[0] as DeploymentEvent) === headerOf(event)) last.push(event);
    else groups.push([event]);
  }
  return groups.map((group) => eventItem(uid, group));
}

/** Oldest first. */
export function eventsIn(item: Item): DeploymentEvent[] {
  const first = sequenceOf(item.sk as string);
  const { at, actor, operation_id = null, about } = item as { at: number; actor: string; operation_id?: string; about?: Item };
  return (item.events as Item[]).map(({ type, message, before = null, after = null }, index) => ({
    sequence: first + index,
    at: toInstant(at),
    actor,
    type: type as DeploymentEvent["type"],
    message: message as string,
    before: before as DeploymentEvent["before"],
    after: after === null ? null : { ...about, ...(after as Item) },
    operation_id,
  }));
}

export const sequenceOf = (sortKey: string): number => Number(sortKey.slice(prefixes.event.length));

const subjects = ["group", "deployment_id", "environment"] as const;

function aboutOf({ after }: DeploymentEvent): Item | undefined {
  return after ? Object.fromEntries(subjects.flatMap((name) => (name in after ? [[name, after[name]]] : []))) : undefined;
}

const headerOf = (event: DeploymentEvent): string => JSON.stringify([event.at, event.actor, event.operation_id, aboutOf(event)]);

function eventItem(uid: string, events: DeploymentEvent[]): Item {
  const [first] = events as [DeploymentEvent];
  const { sequence, at, actor, operation_id } = first;
  const told = events.map(({ type, message, before, after }) => {
    const rest = after && Object.fromEntries(Object.entries(after).filter(([name]) => !(subjects as readonly string[]).includes(name)));
    return { type, message, ...withoutNulls({ before, after: rest }) };
  });
  const header = { uid, at: toNumber(at), actor, ...withoutNulls({ operation_id, about: aboutOf(first) }) };
  return toItem(keys.event(uid, sequence), "EVENT", { ...header, events: told });
}
