import { Problem } from "../../domain/errors.ts";
import { type Model, type ModelVersion, registration } from "../../domain/model.ts";
import { type Change, RecordConflict, type Registry } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { idempotencyParts } from "./dynamodb-commit.ts";
import type { GroupNames } from "./dynamodb-groups.ts";
import { fieldsOf, type Item, toItem } from "./dynamodb-items.ts";
import { groupPartition, keys, modelPartition, prefixes } from "./dynamodb-keys.ts";
import { originKey, versionEventKey } from "./dynamodb-promotion-keys.ts";
import { readPage, readPageOfSeveral, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import { type Part, pause, put, writeTransaction } from "./dynamodb-transaction.ts";

export function registry(table: Table, clock: Pick<Clock, "now">, groups: GroupNames): Registry {
  const model = async (group: string, name: string, consistent: boolean) => {
    const item = await readItem(table, keys.model(group, name), consistent);
    return item && fieldsOf<Model>(item);
  };
  return {
    groups: groups.list,
    putGroup: groups.put,
    modelLocations: groups.locations,
    // Consistent, because a version is registered right after its model, and deployed right after that.
    model: (group, name) => model(group, name, true),
    async models(groups, page) {
      const sorted = groups.toSorted();
      const ranges = sorted.map((group) => ({ pk: groupPartition(group), begins: prefixes.model }));
      return readPageOfSeveral(table, { models: sorted }, ranges, page, fieldsOf<Model>);
    },
    async modelVersion(group, name, version) {
      const item = await readItem(table, keys.version(group, name, version), true);
      return item && versionOf(item);
    },
    modelVersions(group, name, page) {
      const range = { pk: modelPartition(group, name), begins: prefixes.version, newestFirst: true };
      return readPage(table, { versions: [group, name] }, range, page, versionOf);
    },
    async createModel(created, idempotency) {
      const exists = () => new RecordConflict("exists", `model ${created.group}/${created.name} is there already`);
      const item = toItem(keys.model(created.group, created.name), "MODEL", created);
      await writeTransaction(table.client, [
        ...idempotencyParts(table, idempotency, clock.now()),
        put(table, item, exists),
        ...(await groups.firstIn(created.group, created.created_by, created.created_at)),
      ]);
    },
    async versionOfOrigin(group, name, source) {
      const origin = await readItem(table, originKey(group, name, source), true);
      const item = origin && (await readItem(table, keys.version(group, name, Number(origin.version)), true));
      return item && versionOf(item);
    },
    registerVersion: (...given) => registerVersion(table, clock, ...given),
    async noteWithdrawal({ group, name, version }, withdrawn) {
      const Update = {
        TableName: table.name,
        Key: keys.version(group, name, version),
        UpdateExpression: "SET withdrawn = :withdrawn",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":withdrawn": withdrawn },
      };
      const gone = () => new Error(`version ${version} of ${group}/${name} is not in the record`);
      await writeTransaction(table.client, [{ write: { Update }, refused: gone }]);
    },
  };
}

/** Versions of earlier releases lack what these have since been annotated with. */
const versionOf = (item: Item): ModelVersion =>
  ({
    promotions: [],
    source: null,
    failure: null,
    withdrawn: null,
    signature: null,
    observed_signature: null,
    ...fieldsOf<Partial<ModelVersion>>(item),
  }) as ModelVersion;

const registerAttempts = 20;

async function registerVersion(
  table: Table,
  clock: Pick<Clock, "now">,
  version: Omit<ModelVersion, "version">,
  idempotency?: Change["idempotency"],
  latest?: number,
): Promise<ModelVersion> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === 1 && latest !== undefined ? latest : await latestVersion(table, version);
    const registered = { ...version, version: last + 1 };
    try {
      await writeTransaction(table.client, [
        ...idempotencyParts(table, numbered(idempotency, registered.version), clock.now()),
        countUp(table, registered),
        put(table, toItem(keys.version(version.group, version.name, registered.version), "VERSION", registered), numberTaken),
        put(
          table,
          toItem(versionEventKey(version.group, version.name, registered.version), "EVENT", registration(registered)),
          numberTaken,
        ),
        ...originParts(table, registered),
      ]);
      return registered;
    } catch (error) {
      const lostRace = error instanceof RecordConflict && error.what === "version";
      if (!lostRace || attempt === registerAttempts) throw error;
      await pause(Math.min(attempt, 4));
    }
  }
}

async function latestVersion(table: Table, { group, name }: Pick<ModelVersion, "group" | "name">): Promise<number> {
  const item = await readItem(table, keys.model(group, name), true);
  if (!item) throw new Problem("not-found", `there is no model ${group}/${name}`);
  return Number(item.latest_version);
}

/** What its source called it leads to it for ever: a second report of it is told apart from another version. */
function originParts(table: Table, { group, name, version, source }: ModelVersion): Part[] {
  if (!source) return [];
  const known = () => new RecordConflict("exists", `${source.name} has reported ${source.id} before`);
  return [put(table, toItem(originKey(group, name, source), "ORIGIN", { version }), known)];
}

/** Only now is it known which version a repeated request is to be answered with. */
const numbered = (idempotency: Change["idempotency"], version: number): Change["idempotency"] =>
  idempotency && { ...idempotency, answer: { ...idempotency.answer, pointer: { ...idempotency.answer.pointer, version } } };

const numberTaken = () => new RecordConflict("version", "another version was registered at the same moment");

function countUp(table: Table, { group, name, version }: ModelVersion): Part {
  const Update = {
    TableName: table.name,
    Key: keys.model(group, name),
    UpdateExpression: "SET latest_version = :next",
    ConditionExpression: "latest_version = :last",
    ExpressionAttributeValues: { ":next": version, ":last": version - 1 },
  };
  return { write: { Update }, refused: numberTaken };
}
