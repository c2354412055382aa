import { emptyLane, type Lane, type Promotion } from "../../domain/promotion.ts";
import type { PromotionStore, StoredPolicy } from "../ports/promotions.ts";
import type { Clock } from "../ports/surroundings.ts";
import { idempotencyParts } from "./dynamodb-commit.ts";
import { fieldsOf, toItem } from "./dynamodb-items.ts";
import { groupPartition } from "./dynamodb-keys.ts";
import { promotionKeys as places, promotionPrefix, underWayPartition } from "./dynamodb-promotion-keys.ts";
import { promotionParts } from "./dynamodb-promotion-parts.ts";
import { readPageOfSeveral, readRange, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import { writeTransaction } from "./dynamodb-transaction.ts";

/** By far more than one invocation asks for. */
const mostGroupsKept = 1_000;

export function promotionStore(table: Table, clock: Pick<Clock, "now">): PromotionStore {
  /** By promotion. It never changes. */
  const groups = new Map<string, string>();
  const groupOf = async (id: string): Promise<string | undefined> => {
    const known = groups.get(id);
    if (known !== undefined) return known;
    const pointer = (await readItem(table, places.pointer(id), false)) ?? (await readItem(table, places.pointer(id), true));
    if (pointer === undefined) return undefined;
    if (groups.size >= mostGroupsKept) groups.clear();
    groups.set(id, String(pointer.group));
    return String(pointer.group);
  };
  return {
    async promotion(id, given) {
      const group = given ?? (await groupOf(id));
      const item = group === undefined ? undefined : await readItem(table, places.promotion(group, id), true);
      return item && fieldsOf<Promotion>(item);
    },
    async promotions({ groups, model }, page) {
      const sorted = groups.toSorted();
      const ranges = sorted.map((group) => ({ pk: groupPartition(group), begins: promotionPrefix, newestFirst: true }));
      const wanted = model === undefined ? undefined : (promotion: Promotion) => promotion.model.name === model;
      return readPageOfSeveral(table, { promotions: sorted, model: model ?? null }, ranges, page, fieldsOf<Promotion>, wanted);
    },
    underWay: () => readUnderWay(table),
    async lane(group, model) {
      const item = await readItem(table, places.lane(group, model), true);
      return item ? fieldsOf<Lane>(item) : emptyLane;
    },
    async policy(group, model) {
      const item = await readItem(table, places.policy(group, model), true);
      return item && fieldsOf<StoredPolicy>(item);
    },
    async putPolicy(group, model, policy) {
      await table.client.put({ TableName: table.name, Item: toItem(places.policy(group, model), "POLICY", policy) });
    },
    async change(change, idempotency) {
      await writeTransaction(table.client, [...idempotencyParts(table, idempotency, clock.now()), ...promotionParts(table, change)]);
    },
  };
}

async function readUnderWay(table: Table): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null | undefined = null; after !== undefined; ) {
    const found = await readRange(table, { pk: underWayPartition, begins: promotionPrefix }, 1_000, after);
    ids.push(...found.items.map(({ promotion_id }) => String(promotion_id)));
    after = found.last;
  }
  return ids;
}
