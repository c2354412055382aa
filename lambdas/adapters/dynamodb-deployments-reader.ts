import type { Card, DeploymentEvent, Head, Observed, Revision } from "../../domain/deployment.ts";
import type { KeptTransitions } from "../../domain/observation.ts";
import type { CardQuery, DeploymentReader, IdempotentAnswer, Page, PageRequest } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { fieldsOf, headOf, type Item, operationOf } from "./dynamodb-items.ts";
import { cardPrefix, deploymentPartition, groupPartition, isUid, type Key, keys, prefixes } from "./dynamodb-keys.ts";
import { readPage, readPageOfSeveral, readRange, type Table } from "./dynamodb-query.ts";
import { pause } from "./dynamodb-transaction.ts";
import { withProgress } from "./running-operation.ts";
import { pageOfTransitions } from "./transitions-page.ts";

export function deploymentsReader(table: Table, clock: Pick<Clock, "now">): Omit<DeploymentReader, "stillSeen"> {
  const get = (key: Key, consistent = false) => readItem(table, key, consistent);
  /** Half the price of a consistent read; who asks right after writing and misses is answered by one. */
  const find = async (key: Key) => (await get(key)) ?? (await get(key, true));
  const head = async (uid: string, consistent: boolean) => optional(await get(keys.head(uid), consistent), headOf);

  return {
    async uidOf(idOrUid) {
      if (isUid(idOrUid)) return idOrUid;
      return (await find(keys.reservation(idOrUid)))?.uid as string | undefined;
    },
    head: (uid) => head(uid, true),
    state: (uid) => readState(table, uid),
    observed: async (uid) => optional(await get(keys.observed(uid)), fieldsOf<Observed>),
    revision: async (uid, revision) => optional(await find(keys.revision(uid, revision)), fieldsOf<Revision>),
    revisions: (uid, page) => history(table, uid, "revision", page, fieldsOf<Revision>),
    async operation(operationId) {
      const uid = (await find(keys.pointer(operationId)))?.uid as string | undefined;
      if (uid === undefined) return undefined;
      const [item, headItem] = await readTwo(table, keys.operation(uid, operationId), keys.head(uid));
      return item && withProgress(operationOf(item), optional(headItem, headOf));
    },
    async operations(uid, page) {
      const found = await history(table, uid, "operation", page, operationOf);
      const running = found.items.some(({ outcome }) => outcome === null);
      const now = running ? await head(uid, false) : undefined;
      return { ...found, items: found.items.map((operation) => withProgress(operation, now)) };
    },
    events: (uid, page) => history(table, uid, "event", page, fieldsOf<DeploymentEvent>),
    async transitions(uid, page) {
      const observed = optional(await get(keys.observed(uid), true), fieldsOf<Observed>);
      return pageOfTransitions(uid, observed, (before) => readKeptTransitions(table, uid, before), page);
    },
    cards: (query, page) => readCards(table, query, page),
    async idempotent(actor, key) {
      const item = await get(keys.idempotency(actor, key), true);
      // TTL deletes late, sometimes by days: what is over is over when its time has come.
      return item && Number(item.expires_at) * 1000 > clock.now() ? (item.answer as IdempotentAnswer) : undefined;
    },
  };
}

function history<T>(
  table: Table,
  uid: string,
  kind: "revision" | "operation" | "event",
  page: PageRequest,
  read: (item: Item) => T,
): Promise<Page<T>> {
  const range = { pk: deploymentPartition(uid), begins: prefixes[kind], newestFirst: true };
  return readPage(table, { [`${kind}s`]: uid }, range, page, read);
}

const keptPerRequest = 20;

async function readKeptTransitions(table: Table, uid: string, before: number): Promise<KeptTransitions[]> {
  const range = { pk: deploymentPartition(uid), begins: prefixes.condition, newestFirst: true, consistent: true };
  return (await readRange(table, range, keptPerRequest, keys.conditions(uid, before).sk)).items.map(fieldsOf<KeptTransitions>);
}

async function readState(table: Table, uid: string): Promise<{ head: Head; observed: Observed | undefined } | undefined> {
  const [head, observed] = await readTwo(table, keys.head(uid), keys.observed(uid));
  return head && { head: headOf(head), observed: optional(observed, fieldsOf<Observed>) };
}

function readCards(table: Table, query: CardQuery, page: PageRequest): Promise<Page<Card>> {
  const groups = query.groups.toSorted();
  const ranges = groups.map((group) => ({ pk: groupPartition(group), begins: cardPrefix(query.search ?? "") }));
  const filters = [query.environment, query.status, query.model, query.mine].some((filter) => filter !== undefined);
  const wanted = (card: Card) =>
    (query.environment === undefined || card.environment === query.environment) &&
    (query.status === undefined || card.status === query.status) &&
    (query.model === undefined || card.model?.name === query.model) &&
    (query.mine === undefined || card.created_by === query.mine || card.updated_by === query.mine);
  return readPageOfSeveral(table, { cards: { ...query, groups } }, ranges, page, fieldsOf<Card>, filters ? wanted : undefined);
}

export async function readItem(table: Table, key: Key, consistent: boolean): Promise<Item | undefined> {
  const answer = await table.client.get({ TableName: table.name, Key: key, ConsistentRead: consistent });
  return answer.Item as Item | undefined;
}

/** Two eventually consistent reads in one request; the first again, consistently, when it is not there (yet). */
async function readTwo(table: Table, first: Key, second: Key): Promise<[Item | undefined, Item | undefined]> {
  const found = await readSeveral(table, [first, second]);
  const item = (key: Key) => found.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
  return [item(first) ?? (await readItem(table, first, true)), item(second)];
}

/** In the table's order, not the keys'. At most 100 keys, and all of them: what DynamoDB leaves over is asked again. */
export async function readSeveral(table: Table, wanted: Key[]): Promise<Item[]> {
  const items: Item[] = [];
  let left: Key[] = wanted;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    if (attempt > 1) await pause(Math.min(attempt, 6));
    const answer = await table.client.batchGet({ RequestItems: { [table.name]: { Keys: left } } });
    items.push(...((answer.Responses?.[table.name] ?? []) as Item[]));
    left = (answer.UnprocessedKeys?.[table.name]?.Keys ?? []) as Key[];
  }
  return items;
}

const optional = <T>(item: Item | undefined, read: (item: Item) => T): T | undefined => (item === undefined ? undefined : read(item));
