import type { Head } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { PromotionChange } from "../../domain/promotion.ts";
import type { Revision } from "../../domain/revision.ts";
import type { Status } from "../../domain/words.ts";
import { type Change, type DeploymentWriter, RecordConflict } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { clientPart } from "./dynamodb-client-register.ts";
import { eventItems } from "./dynamodb-event-items.ts";
import type { GroupNames } from "./dynamodb-groups.ts";
import { headItem, slotsItem } from "./dynamodb-head-item.ts";
import { type Item, toItem } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import type { DeploymentTable } from "./dynamodb-places.ts";
import { promotionParts } from "./dynamodb-promotion-parts.ts";
import type { Table } from "./dynamodb-query.ts";
import { secretItem } from "./dynamodb-secrets.ts";
import { type Part, put, writeTransaction } from "./dynamodb-transaction.ts";
import { setPaths } from "./set-paths.ts";

const keptSeconds = 24 * 60 * 60;

export function deploymentWriter(
  table: DeploymentTable,
  clock: Pick<Clock, "now">,
  groups: GroupNames,
  secretsTableName?: string,
): Omit<DeploymentWriter, "removeClients"> {
  const firstParts = async ({ group, created_by, created_at, place }: Head): Promise<Part[]> =>
    (await Promise.all([groups.firstIn(group, created_by, created_at), table.places.firstAt(place)])).flat();
  return {
    async commit(change) {
      const { after, revision, events, idempotency, promotion } = change;
      await writeTransaction(table.client, [
        // A repeated request is told so before anything else: it is to get the first one's answer.
        ...idempotencyParts(table, idempotency, clock.now()),
        ...(promotion ? forPromotion(table, promotion) : []),
        ...(change.before ? [] : [reservation(table, after)]),
        headPart(table, change.before, after, change.card.status),
        ...(revision ? [revisionPart(table, after.uid, revision), ...secretParts(secretsTableName, change)] : []),
        ...eventParts(table, after.uid, events),
        ...(change.before ? [] : await firstParts(after)),
      ]);
      table.places.remember(after.place);
    },
    async annotate({ before, hold, alerts, promotion, client, events, idempotency }) {
      const changes: [string[], unknown][] = [
        [["event_sequence"], before.event_sequence + events.length],
        ...(alerts ? [[["alerts"], alerts] as [string[], unknown]] : [[["version"], before.version + 1] as [string[], unknown]]),
        ...(hold === undefined ? [] : [[["hold"], hold] as [string[], unknown]]),
        ...(promotion ? [[["active_operation", "promotion"], promotion] as [string[], unknown]] : []),
      ];
      await writeTransaction(table.client, [
        ...idempotencyParts(table, idempotency, clock.now()),
        annotationPart(table, before, changes),
        ...(client ? [clientPart(table, before.uid, client)] : []),
        ...eventParts(table, before.uid, events),
      ]);
    },
  };
}

export function idempotencyParts(table: Table, idempotency: Change["idempotency"], now: number): Part[] {
  if (!idempotency) return [];
  const seconds = Math.floor(now / 1000);
  const { actor, key, answer } = idempotency;
  // The answer is kept under one name: a `uid` of null beside the keys would be refused by the index, where uid is text.
  const item = toItem(keys.idempotency(actor, key), "IDEM", { answer, expires_at: seconds + keptSeconds });
  const used = () => new RecordConflict("idempotency", "the idempotency key was used meanwhile");
  return [put(table, item, used, "attribute_not_exists(pk) OR expires_at <= :now", { ":now": seconds })];
}

/** Whatever of it is refused: what was begun for it is not wanted as it was. */
const forPromotion = (table: Table, change: PromotionChange): Part[] =>
  promotionParts(table, change).map(({ write }) => ({
    write,
    refused: () => new RecordConflict("promotion", `promotion ${change.after.id} has moved`),
  }));

/** An id is free when nobody had it, or when who had it was deleted. */
function reservation(table: Table, head: Head): Part {
  const taken = () => new RecordConflict("id", `the id ${head.id} is taken`);
  const item = toItem(keys.reservation(head.id), "RESERVATION", { uid: head.uid, id: head.id });
  return put(table, item, taken, "attribute_not_exists(pk) OR attribute_exists(deleted_at)");
}

/** Whole, with the status that lists show: an operation that has begun or ended is in it or out of it by that. */
export function headPart(table: DeploymentTable, before: Head | undefined, after: Head, status: Status): Part {
  const item = headItem(table, after, status);
  const moved = () => new RecordConflict("version", `deployment ${after.id} has moved`);
  if (!before) return put(table, item, moved);
  const { condition, values } = untouched(before);
  return put(table, item, moved, condition, values);
}

/**
 * HEAD is replaced as a whole: also what the workflow has written of it must be what was decided upon. Else an abort would
 * bring back a slot that a step has emptied in the same moment.
 */
function untouched(before: Head): { condition: string; values: Item } {
  const { condition, values } = unchanged(before);
  if (!before.active_operation) return { condition, values };
  return {
    condition: `${condition} AND slots = :slots AND size(active_operation.steps) = :steps`,
    values: { ...values, ":slots": slotsItem(before.slots), ":steps": before.active_operation.steps.length },
  };
}

/** Only these fields: steps and slots are the workflow's, and may have changed since HEAD was read. */
function annotationPart(table: Table, before: Head, changes: [string[], unknown][]): Part {
  const { condition, values } = unchanged(before);
  const update = setPaths(changes);
  const Update = {
    TableName: table.name,
    Key: keys.head(before.uid),
    ...update,
    ConditionExpression: condition,
    ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ...values },
  };
  return { write: { Update }, refused: () => new RecordConflict("version", `deployment ${before.id} has moved`) };
}

/** HEAD is still the one that was decided upon: same version, epoch and operation under way, and nothing told since. */
function unchanged(before: Head): { condition: string; values: Item } {
  const active = before.active_operation;
  return {
    condition: `version = :version AND epoch = :epoch AND event_sequence = :told AND ${active ? "active_operation.id = :operation" : "active_operation = :none"}`,
    values: {
      ":version": before.version,
      ":epoch": before.epoch,
      ":told": before.event_sequence,
      ...(active ? { ":operation": active.id } : { ":none": null }),
    },
  };
}

const twice = () => new RecordConflict("version", "history cannot be written twice");

const revisionPart = (table: Table, uid: string, revision: Revision): Part =>
  put(table, toItem(keys.revision(uid, revision.revision), "REVISION", revision), twice);

/** In a table of their own; DynamoDB's transactions reach across tables. */
function secretParts(name: string | undefined, { after: { uid, id }, revision, secrets = [] }: Change): Part[] {
  if (!revision || secrets.length === 0) return [];
  if (name === undefined) throw new Error(`revision ${revision.revision} of ${id} has secret values, and no table was named for them`);
  return secrets.map((given) => put({ name }, secretItem(uid, revision.revision, given), twice));
}

export const eventParts = (table: Table, uid: string, events: DeploymentEvent[]): Part[] =>
  eventItems(uid, events).map((item) => put(table, item, twice));
