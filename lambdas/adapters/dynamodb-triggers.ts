import { effects, type Trigger } from "../../domain/trigger.ts";
import { RecordConflict } from "../ports/record.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import { conditionRefused } from "../runtime/documents.ts";
import { fieldsOf, type Item, toItem } from "./dynamodb-items.ts";
import { groupPartition } from "./dynamodb-keys.ts";
import { triggerKeys, triggerPrefix, unclaimedTriggers } from "./dynamodb-promotion-keys.ts";
import { readPageOfSeveral, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import { put, type TransactItem, writeTransaction } from "./dynamodb-transaction.ts";

/** Long enough to be looked into, and for any sender to have given up repeating itself. */
const keptSeconds = 90 * 86_400;

export function triggerStore(table: Table): TriggerStore {
  const read = async (id: string) => {
    const pointer = await readItem(table, triggerKeys.pointer(id), true);
    const item = pointer && (await readItem(table, triggerKeys.trigger(pointer.owner as string | null, id), true));
    return item && triggerOf(item);
  };
  return {
    async accept(trigger) {
      const known = () => new RecordConflict("exists", `${trigger.source} has delivered ${trigger.key} before`);
      const delivery = triggerKeys.delivery(trigger.source, trigger.key);
      try {
        await writeTransaction(table.client, [
          put(table, lasting(trigger, toItem(delivery, "DELIVERY", { trigger_id: trigger.id })), known),
          put(table, triggerItem(trigger), known),
          put(table, lasting(trigger, pointer(trigger)), known),
        ]);
        return trigger;
      } catch (error) {
        if (!(error instanceof RecordConflict)) throw error;
        const first = await readItem(table, delivery, true);
        const kept = first && (await read(String(first.trigger_id)));
        if (!kept) throw error;
        return kept;
      }
    },
    trigger: read,
    async settle(trigger, from) {
      if (await settleAt(table, trigger, from)) return;
      // Who looked at it at the same moment has found its group.
      const now = await read(trigger.id);
      if (now) await settleAt(table, trigger, now.group);
    },
    triggers({ groups, unknown }, page) {
      const partitions = [...(unknown ? [unclaimedTriggers] : []), ...groups.toSorted().map(groupPartition)];
      const ranges = partitions.map((pk) => ({ pk, begins: triggerPrefix, newestFirst: true }));
      return readPageOfSeveral(table, { triggers: partitions }, ranges, page, triggerOf);
    },
  };
}

class HadEffect extends Error {}
class IsElsewhere extends Error {}

type Condition = Pick<NonNullable<TransactItem["Put"]>, "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues">;

/** false: it is not kept under that group. */
async function settleAt(table: Table, trigger: Trigger, from: string | null): Promise<boolean> {
  const TableName = table.name;
  const Item = triggerItem(trigger);
  const isThere = "attribute_exists(pk)";
  try {
    if (from === trigger.group) {
      const condition = losesNoEffect(trigger, isThere);
      await table.client.put({ TableName, Item, ...condition, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
      return true;
    }
    const former = { TableName, Key: triggerKeys.trigger(from, trigger.id), ConditionExpression: isThere };
    const never = () => new Error(`trigger ${trigger.id} could not be moved to its group`);
    await writeTransaction(table.client, [
      { write: { Delete: former }, refused: () => new IsElsewhere() },
      { write: { Put: { TableName, Item, ...losesNoEffect(trigger) } }, refused: () => new HadEffect() },
      { write: { Put: { TableName, Item: lasting(trigger, pointer(trigger)) } }, refused: never },
    ]);
    return true;
  } catch (error) {
    if (error instanceof IsElsewhere) return false;
    const refused = conditionRefused(error);
    if (!refused && !(error instanceof HadEffect)) throw error;
    return !refused || refused.item !== undefined;
  }
}

function losesNoEffect({ outcome }: Trigger, andAlso?: string): Condition {
  const also = andAlso === undefined ? [] : [andAlso];
  if (effects.includes(outcome)) return andAlso === undefined ? {} : { ConditionExpression: andAlso };
  const values = effects.map((effect, index) => [`:effect${index}`, effect] as const);
  return {
    ConditionExpression: [...also, `NOT #trigger.outcome IN (${values.map(([name]) => name).join(", ")})`].join(" AND "),
    ExpressionAttributeNames: { "#trigger": "trigger" },
    ExpressionAttributeValues: Object.fromEntries(values),
  };
}

/**
 * Under one name: a `group` of null beside the keys would be refused by the index by group, where it is text. What was sent is kept
 * as text, since others may send deeper, larger and emptier things than a table has types for.
 */
function triggerItem(trigger: Trigger): Item {
  const kept = { ...trigger, payload: JSON.stringify(trigger.payload) };
  return lasting(trigger, toItem(triggerKeys.trigger(trigger.group, trigger.id), "TRIGGER", { trigger: kept }));
}

function triggerOf(item: Item): Trigger {
  const { payload, ...kept } = fieldsOf<{ trigger: Omit<Trigger, "payload"> & { payload: string } }>(item).trigger;
  return { ...kept, payload: JSON.parse(payload) };
}

const pointer = ({ id, group }: Trigger): Item => toItem(triggerKeys.pointer(id), "POINTER", { owner: group });

const lasting = ({ received_at }: Trigger, item: Item): Item => ({
  ...item,
  expires_at: Math.floor(Date.parse(received_at) / 1000) + keptSeconds,
});
