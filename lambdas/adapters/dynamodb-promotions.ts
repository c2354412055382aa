import { emptyLane, type Lane, type Promotion, type PromotionChange } from "../../domain/promotion.ts";
import type { PromotionStore, StoredPolicy } from "../ports/promotions.ts";
import { RecordConflict } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { idempotencyParts, put } from "./dynamodb-commit.ts";
import { fieldsOf, toItem } from "./dynamodb-items.ts";
import { groupPartition, keys } from "./dynamodb-keys.ts";
import { promotionKeys as places, promotionPrefix, underWayPartition } from "./dynamodb-promotion-keys.ts";
import { readPageOfSeveral, readRange, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import { type Part, writeTransaction } from "./dynamodb-transaction.ts";
import { setPaths } from "./set-paths.ts";

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
      await writeTransaction(table.client, [...idempotencyParts(table, idempotency, clock.now()), ...parts(table, change)]);
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

function parts(table: Table, change: PromotionChange): Part[] {
  const { after, lane, gives_way, events } = change;
  return [
    promotionPart(table, change),
    ...(lane ? [lanePart(table, after, lane)] : []),
    ...(gives_way ? parts(table, gives_way) : []),
    ...events.map((event) => put(table, toItem(places.event(after.id, event.sequence), "EVENT", event), moved(after))),
    ...underWayParts(table, change),
    ...versionParts(table, change),
  ];
}

const moved =
  ({ id }: Promotion) =>
  () =>
    new RecordConflict("version", `promotion ${id} has moved`);

function promotionPart(table: Table, { before, after }: PromotionChange): Part {
  const item = toItem(places.promotion(after.model.group, after.id), "PROMOTION", after);
  if (!before) return put(table, item, moved(after));
  return put(table, item, moved(after), "revision = :revision", { ":revision": before.revision });
}

function lanePart(table: Table, { model: { group, name } }: Promotion, { before, after }: NonNullable<PromotionChange["lane"]>): Part {
  const item = toItem(places.lane(group, name), "LANE", after);
  const busy = () => new RecordConflict("version", `another promotion of ${group}/${name} moved at the same moment`);
  if (before.revision === 0) return put(table, item, busy);
  return put(table, item, busy, "revision = :revision", { ":revision": before.revision });
}

/** Found by its id for ever, and among those under way until it has ended. */
function underWayParts(table: Table, { before, after }: PromotionChange): Part[] {
  const { id, model, outcome } = after;
  const place = places.underWay(id);
  if (!before) {
    return [
      put(table, toItem(places.pointer(id), "POINTER", { group: model.group }), moved(after)),
      put(table, toItem(place, "POINTER", { promotion_id: id }), moved(after)),
    ];
  }
  const ends = before.outcome === null && outcome !== null;
  return ends ? [{ write: { Delete: { TableName: table.name, Key: place } }, refused: moved(after) }] : [];
}

/** Only these fields of a version ever change, and only here. */
function versionParts(table: Table, { after: { model }, version }: PromotionChange): Part[] {
  const given = Object.entries(version ?? {});
  if (given.length === 0) return [];
  const Key = keys.version(model.group, model.name, model.version);
  const paths = given.map(([name, value]): [string[], unknown] => [[name], value]);
  const Update = { TableName: table.name, Key, ...setPaths(paths), ConditionExpression: "attribute_exists(pk)" };
  const gone = () => new Error(`version ${model.version} of ${model.group}/${model.name} is not in the record`);
  return [{ write: { Update: Update as Required<Part["write"]>["Update"] }, refused: gone }];
}
