import type { Card, Head } from "../../domain/deployment.ts";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { KeptTransitions } from "../../domain/observation.ts";
import type { Revision } from "../../domain/revision.ts";
import type { CardQuery, DeploymentReader, IdempotentAnswer, Page, PageRequest, Standing } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import { readCursor, writeCursor } from "./cursors.ts";
import { eventsIn, sequenceOf } from "./dynamodb-event-items.ts";
import { cardOf, headOf } from "./dynamodb-head-item.ts";
import { fieldsOf, type Item } from "./dynamodb-items.ts";
import { deploymentPartition, groupIndexName, isUid, type Key, keys, listedName, prefixes } from "./dynamodb-keys.ts";
import { observedOf } from "./dynamodb-observed-item.ts";
import { readOperation, readOperations } from "./dynamodb-operations-reader.ts";
import type { DeploymentTable } from "./dynamodb-places.ts";
import { type RangeOfIndex, readPage, readPageOfSeveral, readRange } from "./dynamodb-query.ts";
import { readItem, readTwo } from "./dynamodb-read.ts";
import { pageOfTransitions } from "./transitions-page.ts";

export function deploymentsReader(table: DeploymentTable, clock: Pick<Clock, "now">): Omit<DeploymentReader, "stillSeen"> {
  const get = (key: Key, consistent = false) => readItem(table, key, consistent);
  /** Half the price of a consistent read; who asks right after writing and misses is answered by one. */
  const find = async (key: Key, consistent = false) => (await get(key, consistent)) ?? (consistent ? undefined : await get(key, true));

  return {
    async uidOf(idOrUid, consistently) {
      if (isUid(idOrUid)) return idOrUid;
      return (await find(keys.reservation(idOrUid), consistently))?.uid as string | undefined;
    },
    head: async (uid) => headWith(table, uid, await get(keys.head(uid), true)),
    standing: (uid) => readStanding(table, uid, true),
    state: stateByReference(table, async (id) => (await find(keys.reservation(id)))?.uid as string | undefined),
    observed: async (uid) => optional(await get(keys.observed(uid)), observedOf),
    revision: async (uid, revision) => optional(await find(keys.revision(uid, revision)), fieldsOf<Revision>),
    revisions(uid, page) {
      const range = { pk: deploymentPartition(uid), begins: prefixes.revision, newestFirst: true };
      return readPage(table, { revisions: uid }, range, page, fieldsOf<Revision>);
    },
    operation: (operationId) => readOperation(table, operationId),
    operations: (uid, page) => readOperations(table, uid, page),
    events: (uid, page) => readEvents(table, uid, page),
    async transitions(uid, page) {
      const observed = optional(await get(keys.observed(uid), true), observedOf);
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

/** By the sequences of events, not by items: one item has the events of one change. */
async function readEvents(table: DeploymentTable, uid: string, { limit, cursor }: PageRequest): Promise<Page<DeploymentEvent>> {
  const query = { events: uid };
  const { after } = readCursor(query, cursor);
  const range = { pk: deploymentPartition(uid), begins: prefixes.event, newestFirst: true };
  const { items, last } = await readRange(table, range, limit, after);
  const before = after === null ? Number.POSITIVE_INFINITY : sequenceOf(after);
  const events = items.flatMap((item) => eventsIn(item).toReversed()).filter(({ sequence }) => sequence < before);
  const taken = events.slice(0, limit);
  const end = taken.at(-1);
  const more = events.length > limit || last !== undefined;
  return {
    items: taken,
    ...(more && end && { next_cursor: writeCursor(query, { after: keys.event(uid, end.sequence).sk, partition: 0 }) }),
  };
}

const keptPerRequest = 20;

async function readKeptTransitions(table: DeploymentTable, uid: string, before: number): Promise<KeptTransitions[]> {
  const range = { pk: deploymentPartition(uid), begins: prefixes.condition, newestFirst: true, consistent: true };
  return (await readRange(table, range, keptPerRequest, keys.conditions(uid, before).sk)).items.map(fieldsOf<KeptTransitions>);
}

/** Of one partition there are other ULIDs: those of the deployment's operations, which are no deployments. */
const headWith = async (table: DeploymentTable, uid: string, item: Item | undefined): Promise<Head | undefined> =>
  item?.uid === uid ? headOf(table, item) : undefined;

/** Ids whose uids are remembered. */
const mostKnown = 10_000;

/** Whose an id is stays so until that deployment is deleted, which its HEAD says. */
function stateByReference(table: DeploymentTable, uidOf: (id: string) => Promise<string | undefined>): DeploymentReader["state"] {
  const known = new Map<string, string>();
  return async (reference) => {
    const before = isUid(reference) ? reference : known.get(reference);
    const found = before === undefined ? undefined : await readStanding(table, before, false);
    if (isUid(reference) || (found && found.head.deleted_at === null)) return found && { ...found, isLookedUp: false };
    const uid = await uidOf(reference);
    if (known.size >= mostKnown) known.clear();
    if (uid === undefined) known.delete(reference);
    else known.set(reference, uid);
    const now = uid === before ? found : uid && (await readStanding(table, uid, false));
    return now ? { ...now, isLookedUp: true } : undefined;
  };
}

async function readStanding(table: DeploymentTable, uid: string, consistent: boolean): Promise<Standing | undefined> {
  const [item, observed] = await readTwo(table, keys.head(uid), keys.observed(uid), consistent);
  const head = await headWith(table, uid, item);
  return head && { head, observed: optional(observed, observedOf) };
}

function readCards(table: DeploymentTable, query: CardQuery, page: PageRequest): Promise<Page<Card>> {
  const groups = query.groups.toSorted();
  const ranges = groups.map((group) => ({ pk: group, begins: listedName(query.search ?? ""), index: byGroup(group) }));
  const filters = [query.environment, query.status, query.model, query.mine].some((filter) => filter !== undefined);
  const wanted = (card: Card) =>
    (query.environment === undefined || card.environment === query.environment) &&
    (query.status === undefined || card.status === query.status) &&
    (query.model === undefined || card.model?.name === query.model) &&
    (query.mine === undefined || card.created_by === query.mine || card.updated_by === query.mine);
  return readPageOfSeveral(table, { cards: { ...query, groups } }, ranges, page, cardOf, filters ? wanted : undefined);
}

/** Two deployments may have the same name: a place in the list is a name and a deployment. */
const byGroup = (group: string): RangeOfIndex => ({
  name: groupIndexName,
  pk: "group",
  sk: "listed_name",
  positionOf: ({ pk, listed_name }) => `${pk} ${listed_name}`,
  keyOf(position) {
    const [pk = ""] = position.split(" ", 1);
    return { group, listed_name: position.slice(pk.length + 1), pk, sk: "HEAD" };
  },
});

const optional = <T>(item: Item | undefined, read: (item: Item) => T): T | undefined => (item === undefined ? undefined : read(item));
