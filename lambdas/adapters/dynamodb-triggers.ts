import { effects, type Trigger } from "../../domain/trigger.ts";
import { RecordConflict } from "../ports/record.ts";
import type { TriggerStore } from "../ports/triggers.ts";
import { conditionRefused } from "../runtime/documents.ts";
import { put } from "./dynamodb-commit.ts";
import { fieldsOf, type Item, toItem } from "./dynamodb-items.ts";
import { groupPartition } from "./dynamodb-keys.ts";
import { triggerKeys, triggerPrefix, unclaimedTriggers } from "./dynamodb-promotion-keys.ts";
import { readPageOfSeveral, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import { type TransactItem, writeTransaction } from "./dynamodb-transaction.ts";

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
          put(table, lasting(trigger, toItem(triggerKeys.trigger(trigger.group, trigger.id), "TRIGGER", { trigger })), known),
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
    async settle(trigger) {
      const before = await read(trigger.id);
      const place = triggerKeys.trigger(trigger.group, trigger.id);
      const settled = { TableName: table.name, Item: lasting(trigger, toItem(place, "TRIGGER", { trigger })), ...losesNoEffect(trigger) };
      try {
        if (before?.group === trigger.group) await table.client.put(settled);
        else await move(table, before?.group ?? null, trigger, settled);
      } catch (error) {
        if (!(error instanceof HadEffect || conditionRefused(error))) throw error;
      }
    },
    triggers({ groups, unknown }, page) {
      const partitions = [...(unknown ? [unclaimedTriggers] : []), ...groups.toSorted().map(groupPartition)];
      const ranges = partitions.map((pk) => ({ pk, begins: triggerPrefix, newestFirst: true }));
      return readPageOfSeveral(table, { triggers: partitions }, ranges, page, triggerOf);
    },
  };
}

class HadEffect extends Error {}

type Put = NonNullable<TransactItem["Put"]>;

async function move(table: Table, from: string | null, trigger: Trigger, settled: Put): Promise<void> {
  const never = () => new Error(`trigger ${trigger.id} could not be moved to its group`);
  await writeTransaction(table.client, [
    { write: { Put: settled }, refused: () => new HadEffect() },
    { write: { Put: { TableName: table.name, Item: lasting(trigger, pointer(trigger)) } }, refused: never },
    { write: { Delete: { TableName: table.name, Key: triggerKeys.trigger(from, trigger.id) } }, refused: never },
  ]);
}

function losesNoEffect({ outcome }: Trigger): Partial<Put> {
  if (effects.includes(outcome)) return {};
  const values = effects.map((effect, index) => [`:effect${index}`, effect] as const);
  return {
    ConditionExpression: `NOT #trigger.outcome IN (${values.map(([name]) => name).join(", ")})`,
    ExpressionAttributeNames: { "#trigger": "trigger" },
    ExpressionAttributeValues: Object.fromEntries(values),
  };
}

/** Under one name: a `group` of null beside the keys would be refused by the index by group, where it is text. */
const triggerOf = (item: Item): Trigger => fieldsOf<{ trigger: Trigger }>(item).trigger;

const pointer = ({ id, group }: Trigger): Item => toItem(triggerKeys.pointer(id), "POINTER", { owner: group });

const lasting = ({ received_at }: Trigger, item: Item): Item => ({
  ...item,
  expires_at: Math.floor(Date.parse(received_at) / 1000) + keptSeconds,
});
