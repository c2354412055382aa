import type { Promotion, PromotionChange } from "../../domain/promotion.ts";
import { RecordConflict } from "../ports/record.ts";
import { toItem } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import { promotionKeys as places } from "./dynamodb-promotion-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { type Part, put } from "./dynamodb-transaction.ts";
import { setPaths } from "./set-paths.ts";

/** All that a change of a promotion writes. */
export function promotionParts(table: Table, change: PromotionChange): Part[] {
  const { after, lane, gives_way, events } = change;
  return [
    promotionPart(table, change),
    ...(lane ? [lanePart(table, after, lane)] : []),
    ...(gives_way ? promotionParts(table, gives_way) : []),
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
