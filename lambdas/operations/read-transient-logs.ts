import type { Head } from "../../domain/deployment.ts";
import { Problem, WorkflowError } from "../../domain/errors.ts";
import { partsOfInstance } from "../../domain/instance-name.ts";
import { exactTime, type LogLine, lineTime } from "../../domain/log-line.ts";
import { mergeByTime, within } from "../../domain/log-merge.ts";
import { labels, routeName } from "../../domain/names.ts";
import type { Component } from "../../domain/words.ts";
import type { Cluster, Clusters } from "../ports/cluster.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import { containersIn, type LoggedContainer } from "./container-runs.ts";
import { readLogCursor, writeLogCursor } from "./log-cursor.ts";
import { maskedLines } from "./masked-lines.ts";
import { readContainerLog, type TimedLine } from "./read-container-log.ts";

export interface TransientQuery {
  component?: Component | undefined;
  container_name?: string | undefined;
  instance?: string | undefined;
  /** null: all. */
  revisions: number[] | null;
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

export interface LogSource {
  instance: string;
  component: Component;
  container_name: string | null;
  revision: number | null;
  state: "read" | "creating" | "gone" | "lost" | "none" | "cut";
  message: string;
}

export interface TransientPage {
  source: "transient";
  items: LogLine[];
  instances: LogSource[];
  next_cursor: string;
}

/** Instances that one answer reads from; the others are named. */
const mostInstances = 20;
/** An answer of Lambda holds 6 MB. */
const mostBytes = 4 * 1024 * 1024;

/** `[run, time, lines of that time]`, by `instance/container` without what all instances of a deployment begin with. */
type Positions = Record<string, [run: number, time: string, count: number]>;
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

interface Piece {
  container: LoggedContainer;
  run: number;
  lines: (TimedLine & { piece: Piece })[];
  of_last_time: number;
}

/**
 * What the containers of a deployment have written, from the nodes they run on and without its secrets: the newest lines,
 * or with a cursor those that came since. Errors: `not-found` for a container or an instance that is none of this deployment's;
 * `cluster-unreachable`.
 */
export async function readTransientLogs(
  { clusters, maskSecrets }: { clusters: Clusters; maskSecrets: MaskSecrets },
  head: Head,
  query: TransientQuery,
): Promise<TransientPage> {
  const followed = readLogCursor([head.uid, query.asked], query.cursor, isFollowed);
  const since = followed ? (followed.since ?? undefined) : query.since;
  try {
    const cluster = await clusters(head.place.cluster);
    const found = await find(cluster, head, query);
    const { next, ...page } = await read({ cluster, maskSecrets }, head, { ...query, since }, found, followed?.positions);
    return { ...page, next_cursor: writeLogCursor([head.uid, query.asked], { since: since ?? null, positions: next } satisfies Followed) };
  } catch (error) {
    throw error instanceof WorkflowError && error.name === "ClusterUnavailable" ? unreachable(head, error) : error;
  }
}

interface Found {
  containers: LoggedContainer[];
  notes: LogSource[];
}

async function find(cluster: Cluster, head: Head, { component, container_name, instance, revisions }: TransientQuery): Promise<Found> {
  requireOwn(head, instance);
  const scope = { namespace: head.place.namespace, labels: { [labels.uid]: head.uid } };
  const pods = (await cluster.list("Pod", scope)).items;
  const all = pods.flatMap(containersIn);
  const known = [...new Set(all.map((container) => container.container_name))];
  if (container_name !== undefined && all.length > 0 && !known.includes(container_name)) throw noContainer(container_name, known);
  const chosen = all.filter(
    (each) =>
      (component ?? each.component) === each.component &&
      (revisions === null || (each.revision !== null && revisions.includes(each.revision))) &&
      (container_name ?? each.container_name) === each.container_name &&
      (instance ?? each.instance) === each.instance,
  );
  const names = [...new Set(chosen.map((each) => each.instance))];
  const left = new Set(names.slice(mostInstances));
  return {
    containers: chosen.filter((each) => !left.has(each.instance)),
    notes: [
      ...(instance !== undefined && !pods.some(({ metadata }) => metadata.name === instance) ? [gone(head, instance)] : []),
      ...[...left].map((name) => unread(chosen.find((each) => each.instance === name) as LoggedContainer)),
    ],
  };
}

async function read(
  { cluster, maskSecrets }: { cluster: Cluster; maskSecrets: MaskSecrets },
  head: Head,
  query: TransientQuery,
  { containers, notes }: Found,
  positions: Positions | undefined,
): Promise<Omit<TransientPage, "next_cursor"> & { next: Positions }> {
  const short = shorten(head);
  const results = await Promise.all(
    containers.map((container) => readRuns(cluster, head, query, container, positions?.[short(container)], positions)),
  );
  const pieces = results.flatMap((result) => result.pieces);
  const merged = mergeByTime(pieces);
  const given = within(merged, positions ? "oldest" : "newest", query.tail, mostBytes, weight);
  const next = structuredClone(positions ?? {});
  // A page of the newest lines goes on after the last line of each container, also of those that it has no line of.
  if (positions) for (const line of given) advance(next, short(line.piece.container), line.piece, line.time);
  else for (const piece of pieces) stand(next, short(piece.container), piece);
  if (!positions || given.length === merged.length) for (const { container, run } of pieces) reach(next, short(container), run);
  const vanished = Object.keys(positions ?? {}).filter((key) => !containers.some((container) => short(container) === key));
  for (const key of vanished) delete next[key];
  const whose = { uid: head.uid, is_deleted: head.deleted_at !== null };
  const told = await maskedLines(maskSecrets, whose, given, ({ piece }) => piece.container.secrets_of);
  const items = told.map(({ piece, time, message }) => lineOf(piece.container, time, message));
  return {
    source: "transient",
    items: query.sort === "desc" ? items.toReversed() : items,
    instances: [...results.flatMap((result) => result.sources), ...notes, ...vanished.map((key) => vanishedSource(head, key))],
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

/** Of a container that has been started anew since the cursor was given: first the rest of the run before. */
async function readRuns(
  cluster: Cluster,
  head: Head,
  query: TransientQuery,
  container: LoggedContainer,
  position: Positions[string] | undefined,
  positions: Positions | undefined,
): Promise<{ pieces: Piece[]; sources: LogSource[] }> {
  const source = (state: LogSource["state"], message: string): LogSource => ({ ...identityOf(container), state, message });
  const { run, previous_run } = container;
  if (query.previous && previous_run === null) return { pieces: [], sources: [source("none", "no run of it has ended yet")] };
  if (run === null) return { pieces: [], sources: [source("creating", `it has not run yet: ${container.waiting}`)] };
  const wanted = query.previous ? [previous_run as number] : runsAfter(run, previous_run, position);
  const pieces: Piece[] = [];
  const sources: LogSource[] = [];
  if (position && position[0] < Math.min(...wanted)) sources.push(source("cut", cutMessage(position[0], Math.min(...wanted))));
  for (const each of wanted) {
    const isPrevious = query.previous || each !== run;
    const after = position && position[0] === each && position[1] !== "" ? { time: position[1], count: position[2] } : null;
    const found = await readContainerLog(cluster, {
      namespace: head.place.namespace,
      instance: container.instance,
      container_name: container.container_name,
      previous: isPrevious,
      has_ended: isPrevious || container.has_ended,
      take: positions ? { after } : "newest",
      most: query.tail,
      since: query.since,
      until: query.until,
    });
    if ("lost" in found) sources.push(source("lost", found.lost));
    else {
      const piece: Piece = { container, run: each, lines: [], of_last_time: found.of_last_time };
      piece.lines = found.lines.map((line) => ({ ...line, piece }));
      pieces.push(piece);
    }
  }
  return { pieces, sources: sources.length > 0 ? sources : [source("read", "")] };
}

/** Runs that the node still has, from the one of the position on. */
function runsAfter(run: number, previous: number | null, position: Positions[string] | undefined): number[] {
  if (!position || position[0] >= run) return [run];
  return previous !== null && previous < run ? [previous, run] : [run];
}

const cutMessage = (read: number, first: number): string =>
  `it was started anew since the last answer, and the node no longer has all of it (it was read in run ${read}, the oldest that is left is run ${first}): source=historical has what was kept`;

const identityOf = ({ instance, component, container_name, revision }: LoggedContainer) => ({
  instance,
  component,
  container_name,
  revision,
});
function lineOf(container: LoggedContainer, time: string, message: string): LogLine {
  const fits = weight({ message }) <= mostBytes;
  return { at: lineTime(time), ...identityOf(container), message: fits ? message : message.slice(0, mostBytes / 6) };
}

/** Bytes in an answer: a control character is six there. */
const weight = ({ message }: { message: string }): number => Buffer.byteLength(JSON.stringify(message));

/** Positions are carried in a URL: what every instance of the deployment begins with is left out. */
const shorten = (head: Head) => {
  const prefix = `${routeName(head)}-`;
  return ({ instance, container_name }: LoggedContainer): string =>
    `${instance.startsWith(prefix) ? instance.slice(prefix.length) : instance}/${container_name}`;
};

export function requireOwn(head: Head, instance: string | undefined): void {
  if (instance === undefined || partsOfInstance(head, instance)) return;
  throw new Problem(
    "not-found",
    `${head.id} has no instance ${instance}. GET /v1/deployments/${head.id}/instances lists those that it has`,
  );
}

function sourceByName(head: Head, instance: string): Omit<LogSource, "state" | "message" | "container_name"> {
  const { component = "predictor", revision = null } = partsOfInstance(head, instance) ?? {};
  return { instance, component, revision };
}

const gone = (head: Head, instance: string): LogSource => ({
  ...sourceByName(head, instance),
  container_name: null,
  state: "gone",
  message: "it is not in the cluster: it is gone, or never was. source=historical has what it wrote",
});

function vanishedSource(head: Head, key: string): LogSource {
  const [suffix = "", container_name = null] = key.split("/");
  const message = "it is gone since the last answer: source=historical has the last that it wrote";
  return { ...sourceByName(head, `${routeName(head)}-${suffix}`), container_name, state: "gone", message };
}

const unread = (container: LoggedContainer): LogSource => ({
  ...identityOf(container),
  container_name: null,
  state: "cut",
  message: `not read: one answer reads ${mostInstances} instances. Ask for it by instance=${container.instance}`,
});

const noContainer = (given: string, known: string[]) =>
  new Problem("not-found", `there is no container ${given}; there are ${known.join(", ")}. Give one of them, or leave it out to read all`, {
    members: { container_names: known },
  });

const unreachable = ({ id, place }: Head, { message }: WorkflowError) =>
  new Problem(
    "cluster-unreachable",
    `the cluster ${place.cluster} of ${id} does not answer: ${message}. source=historical does not need it`,
  );
