import type { Head } from "../../domain/deployment.ts";
import { Problem, WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { exactTime, type LogLine, lineTime } from "../../domain/log-line.ts";
import { mergeByTime, within } from "../../domain/log-merge.ts";
import { labels } from "../../domain/names.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import { type Chosen, type ContainerChoice, chooseContainers, requireOwn } from "./choose-containers.ts";
import { containersIn, type LoggedContainer } from "./container-runs.ts";
import { readLogCursor, writeLogCursor } from "./log-cursor.ts";
import { type LogSource, shortKey, vanished } from "./log-sources.ts";
import { maskedLines } from "./masked-lines.ts";
import { type Piece, type Position, type ReadRun, type RunsAsked, readRunOnce, readRuns } from "./read-runs.ts";

export interface TransientQuery extends ContainerChoice {
  tail: number;
  previous: boolean;
  /** Milliseconds since the epoch. */
  since?: number | undefined;
  until?: number | undefined;
  sort: "asc" | "desc";
  /** What a cursor is bound to: the query as it was asked. */
  asked: unknown;
  cursor?: string | undefined;
}

export interface TransientPage {
  source: "transient";
  items: LogLine[];
  instances: LogSource[];
  next_cursor: string;
}

/** An answer of Lambda holds 6 MB. */
const mostBytes = 4 * 1024 * 1024;

/** By `shortKey`. */
type Positions = Record<string, Position>;
/** `since` is that of the first page: what lies some minutes ago moves on while a log is followed. */
interface Followed {
  since: number | null;
  positions: Positions;
}
const isFollowed = (state: unknown): state is Followed => {
  const { since, positions } = (state ?? {}) as Partial<Followed>;
  const isPosition = (each: unknown) =>
    Array.isArray(each) &&
    Number.isInteger(each[0]) &&
    (each[1] === "" || exactTime(String(each[1])) === each[1]) &&
    Number.isInteger(each[2]);
  const isObject = typeof positions === "object" && positions !== null;
  return (since === null || Number.isInteger(since)) && isObject && Object.values(positions).every(isPosition);
};

type Whose = Pick<Head, "uid" | "id" | "place">;

/** What is asked of the cluster for one answer. */
export interface Reading {
  asked: RunsAsked;
  /** How far it was read; undefined of a log that is not followed yet. */
  positions: Positions | undefined;
  pods: Promise<KubernetesObject[]>;
  readRun: ReadRun;
}

/**
 * With `expected`, the containers that the deployment had when it was looked at last, their logs are asked for beside the
 * list of what it has now. Nobody is given a line of them but by that list. Errors: `not-found` for an instance that is none of
 * this deployment's, or a container that none has; `invalid-input` for a cursor of another query.
 */
export function beginReading(clusters: Clusters, whose: Whose, query: TransientQuery, expected: LoggedContainer[] = []): Reading {
  const { uid, place } = whose;
  const followed = readLogCursor([uid, query.asked], query.cursor, isFollowed);
  const positions = followed?.positions;
  requireOwn(whose, query.instance);
  const since = followed ? (followed.since ?? undefined) : query.since;
  const { previous, tail, until } = query;
  const asked = { namespace: place.namespace, previous, tail, since, until, is_followed: followed !== undefined };
  const cluster = clusters(place.cluster);
  const readRun = readRunOnce(() => cluster);
  for (const each of chooseContainers(whose, expected, query).containers) {
    readRuns(readRun, asked, each, positions?.[shortKey(whose)(each)]).catch(() => undefined);
  }
  const scope = { namespace: place.namespace, labels: { [labels.uid]: uid } };
  const pods = cluster.then(async (there) => (await there.list("Pod", scope)).items);
  pods.catch(() => undefined);
  return { asked, positions, pods, readRun };
}

/**
 * What the containers of a deployment have written, from the nodes they run on and without its secrets: the newest lines,
 * or with a cursor those that came since. Errors: as `beginReading`; `cluster-unreachable`.
 */
export async function readTransientLogs(
  { clusters, maskSecrets }: { clusters: Clusters; maskSecrets: MaskSecrets },
  head: Head,
  query: TransientQuery,
  reading: Reading = beginReading(clusters, head, query),
): Promise<TransientPage> {
  try {
    const chosen = chooseContainers(head, (await reading.pods).flatMap(containersIn), query);
    const { next, ...page } = await read(maskSecrets, head, query, reading, chosen);
    const state: Followed = { since: reading.asked.since ?? null, positions: next };
    return { ...page, next_cursor: writeLogCursor([head.uid, query.asked], state) };
  } catch (error) {
    throw error instanceof WorkflowError && error.name === "ClusterUnavailable" ? unreachable(head, error) : error;
  }
}

async function read(
  maskSecrets: MaskSecrets,
  head: Head,
  { tail, sort }: TransientQuery,
  { asked, positions, readRun }: Reading,
  { containers, notes }: Chosen,
): Promise<Omit<TransientPage, "next_cursor"> & { next: Positions }> {
  const keyOf = shortKey(head);
  const results = await Promise.all(containers.map((container) => readRuns(readRun, asked, container, positions?.[keyOf(container)])));
  const pieces = results.flatMap((result) => result.pieces);
  const merged = mergeByTime(pieces);
  const given = within(merged, positions ? "oldest" : "newest", tail, mostBytes, weight);
  const next = { ...positions };
  // A page of the newest lines goes on after the last line of each container, also of those that it has no line of.
  if (positions) for (const line of given) advance(next, keyOf(line.piece.container), line.piece, line.time);
  else for (const piece of pieces) stand(next, keyOf(piece.container), piece);
  if (!positions || given.length === merged.length) for (const { container, run } of pieces) reach(next, keyOf(container), run);
  const left = Object.keys(positions ?? {}).filter((key) => !containers.some((container) => keyOf(container) === key));
  for (const key of left) delete next[key];
  const whose = { uid: head.uid, is_deleted: head.deleted_at !== null };
  const told = await maskedLines(maskSecrets, whose, given, ({ piece }) => piece.container.secrets_of);
  const items = told.map(({ piece, time, message }) => lineOf(piece.container, time, message));
  return {
    source: "transient",
    items: sort === "desc" ? items.toReversed() : items,
    instances: [...results.flatMap((result) => result.sources), ...notes, ...left.map((key) => vanished(head, key))],
    next,
  };
}

function advance(positions: Positions, key: string, piece: Piece, time: string): void {
  const before = positions[key];
  const isSame = before !== undefined && before[0] === piece.run && before[1] === time;
  positions[key] = [piece.run, time, isSame ? before[2] + 1 : 1];
}

function stand(positions: Positions, key: string, { run, lines, of_last_time }: Piece): void {
  const last = lines.at(-1);
  if (last) positions[key] = [run, last.time, of_last_time];
}

/** A run that has said nothing yet was read all the same. */
function reach(positions: Positions, key: string, run: number): void {
  if ((positions[key]?.[0] ?? -1) < run) positions[key] = [run, "", 0];
}

function lineOf(container: LoggedContainer, time: string, message: string): LogLine {
  const { instance, component, container_name, revision } = container;
  const fits = weight({ message }) <= mostBytes;
  return { at: lineTime(time), instance, component, container_name, revision, message: fits ? message : message.slice(0, mostBytes / 6) };
}

/** Bytes in an answer, where a character is up to six. Of a short line the most that they can be: nobody waits for their count. */
const weight = ({ message }: { message: string }): number =>
  message.length < 100 ? 6 * message.length : Buffer.byteLength(JSON.stringify(message));

const unreachable = ({ id, place }: Head, { message }: WorkflowError) =>
  new Problem(
    "cluster-unreachable",
    `the cluster ${place.cluster} of ${id} does not answer: ${message}. source=historical does not need it`,
  );
