import type { Card, Head, SlotRecord } from "../../domain/deployment.ts";
import type { ActiveOperation, OperationStep } from "../../domain/operation.ts";
import type { SlotName, Status } from "../../domain/words.ts";
import { fieldsOf, type Item, toItem, withoutNulls } from "./dynamodb-items.ts";
import { keys, listedName } from "./dynamodb-keys.ts";
import type { DeploymentTable, Placed } from "./dynamodb-places.ts";
import { toInstant, toNumber } from "./instants.ts";
import { closeSteps } from "./running-operation.ts";

/**
 * HEAD is written at every step and is to stay within a kilobyte, which is what a write unit buys: times are numbers, what
 * is nothing is absent, and the place is named. It is in the index by cluster while an operation runs or something of it
 * is in the cluster, and in the one by group, with what a list shows, until the deployment is deleted. Its access lies beside
 * its revisions: an index cannot be given another attribute, and what is public says nothing.
 */
export function headItem({ places }: DeploymentTable, head: Head, status: Status): Item {
  const {
    place,
    slots,
    active_operation,
    last_operation,
    model,
    access,
    revisions,
    started_once,
    created_at,
    updated_at,
    updated_by,
    deleted_at,
    alerts,
    ...same
  } = head;
  const inCluster = active_operation !== null || head.slots.blue !== null || head.slots.green !== null;
  return toItem(keys.head(head.uid), "HEAD", {
    ...same,
    ...(started_once && { started_once }),
    ...(alerts && alerts.length > 0 && { alerts }),
    ...withoutNulls({ model, last_operation: last_operation && withoutNulls(last_operation) }),
    revisions: { ...revisions, ...(access === "private" && { access }) },
    place: places.nameOf(place),
    slots: slotsItem(slots),
    active_operation: active_operation && activeItem(active_operation, head),
    ...(updated_by !== head.created_by && { updated_by }),
    created_at: toNumber(created_at),
    updated_at: toNumber(updated_at),
    ...(deleted_at === null ? { status, listed_name: listedName(head.name) } : { deleted_at: toNumber(deleted_at) }),
    ...(inCluster && { cluster_key: place.cluster }),
  });
}

export async function headOf({ places }: DeploymentTable, item: Item): Promise<Head> {
  const { place: _, status: __, listed_name: ___, created_at, updated_at, deleted_at, ...fields } = fieldsOf<Item>(item);
  const { slots, active_operation: active, last_operation: last, started_once = false, model = null, revisions: kept, ...same } = fields;
  const { blue, green } = slots as Record<SlotName, Item | null>;
  const updated = { updated_at: toInstant(updated_at), updated_by: (same.updated_by ?? same.created_by) as string };
  return {
    ...(same as unknown as Head),
    ...updated,
    ...accessOf(kept as Kept),
    slots: { blue: slotOf(blue), green: slotOf(green) },
    started_once: started_once as boolean,
    model: model as Head["model"],
    place: await places.read(item as unknown as Placed),
    active_operation: active ? activeOf(active as Item, updated) : null,
    last_operation: last ? ({ cause: null, condition: null, ...last } as Head["last_operation"]) : null,
    created_at: toInstant(created_at),
    deleted_at: deleted_at === undefined ? null : toInstant(deleted_at),
  };
}

type Kept = Head["revisions"] & Partial<Pick<Head, "access">>;

const accessOf = ({ access = "public", ...revisions }: Kept): Pick<Head, "access" | "revisions"> => ({ access, revisions });

/** Of an entry of the index by group, which has a part of HEAD. */
export function cardOf(item: Item): Card {
  const {
    uid,
    id,
    group,
    name,
    environment,
    status,
    revisions,
    model = null,
    created_by,
    updated_by = created_by,
  } = item as unknown as Card;
  const { wanted, running } = revisions;
  const { access } = accessOf(revisions as Kept);
  const [created_at, updated_at] = [toInstant(item.created_at), toInstant(item.updated_at)];
  return {
    uid,
    id,
    group,
    name,
    environment,
    status,
    access,
    revisions: { wanted, running },
    model,
    created_at,
    created_by,
    updated_at,
    updated_by,
  };
}

export const slotsItem = ({ blue, green }: Head["slots"]): Item => ({ blue: slotItem(blue), green: slotItem(green) });

/** Of a transformer only where there is one, and the end of its time only where it has one. */
export function slotItem(slot: SlotRecord | null): Item | null {
  if (!slot) return null;
  const { desired, warm_until, ...same } = slot;
  return { ...same, desired: withoutNulls(desired), ...withoutNulls({ warm_until }) };
}

function slotOf(item: Item | null): SlotRecord | null {
  if (!item) return null;
  const { desired, ...same } = item as unknown as SlotRecord;
  return { ...same, desired: { predictor: desired.predictor, transformer: desired.transformer ?? null } };
}

/** Whoever begins an operation changes the deployment by that: who and when is not said twice. */
function activeItem(active: ActiveOperation, { updated_at, updated_by }: Head): Item {
  const { slot, actor, started_at, deadline, steps, visit, ...same } = active;
  const begun = { ...(actor !== updated_by && { actor }), ...(started_at !== updated_at && { started_at: toNumber(started_at) }) };
  const visited = visit !== undefined && { visit: toNumber(visit) };
  return { ...same, ...withoutNulls({ slot }), ...begun, ...visited, deadline: toNumber(deadline), steps: steps.map(enteredStep) };
}

function activeOf({ slot = null, actor, started_at, deadline, steps, visit, ...same }: Item, by: Pick<Head, "updated_at" | "updated_by">) {
  const started = { actor: (actor ?? by.updated_by) as string, started_at: started_at ? toInstant(started_at) : by.updated_at };
  const times = { ...started, deadline: toInstant(deadline), ...(visit !== undefined && { visit: toInstant(visit) }) };
  const entered = (steps as Item[]).map(({ at, ...step }) => ({ ...(step as { name: string }), started_at: toInstant(at) }));
  return { ...(same as unknown as ActiveOperation), slot: slot as ActiveOperation["slot"], ...times, steps: closeSteps(entered) };
}

/** The end of a step is the beginning of the next. */
const enteredStep = ({ name, started_at, detail }: OperationStep): Item => stepEntry(name, started_at, detail);

export const stepEntry = (name: string, startedAt: string, detail: string | null = null): Item => ({
  name,
  at: toNumber(startedAt),
  ...withoutNulls({ detail }),
});
