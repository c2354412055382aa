import { filterPattern } from "./filter-pattern.ts";
import { existingGroup, existingStream } from "./groups.ts";
import { limitOf, readToken, writeToken } from "./pages.ts";
import { invalid } from "./regular-expression.ts";
import type { LogLine, LogStore, Place, StoredLine } from "./store.ts";

type Body = Record<string, unknown>;
type Operation = (store: LogStore, body: Body) => object;

const mostEvents = 10_000;
/** A call of FilterLogEvents looks at so many lines, and then at no more: its answer may have few events, or none, and a token. */
const mostSearched = 20_000;
/** Of one call of PutLogEvents, each event with its overhead. */
const largestBatch = 1_048_576;
const overhead = 26;
const [oldest, newest] = [14 * 86_400_000, 2 * 3_600_000];

/** Lines that are written and read again. */
export const eventOperations: Record<string, Operation> = {
  PutLogEvents: (store, body) => {
    const group = existingGroup(store, body);
    const stream = existingStream(store, group, body);
    const events = requireBatch(body.logEvents);
    const now = Date.now();
    const early = events.filter(({ timestamp }) => timestamp < now - oldest).length;
    const late = events.filter(({ timestamp }) => timestamp > now + newest).length;
    store.append(group, stream, events.slice(early, events.length - late));
    const rejected = {
      ...(early > 0 && { tooOldLogEventEndIndex: early }),
      ...(late > 0 && { tooNewLogEventStartIndex: events.length - late }),
    };
    return { nextSequenceToken: "0", ...(early + late > 0 && { rejectedLogEventsInfo: rejected }) };
  },
  GetLogEvents: (store, body) => {
    const group = existingGroup(store, body);
    const streams = [existingStream(store, group, body)];
    const { place, backwards } = direction(body);
    // The end of the time is not part of it here, as it is where events are filtered.
    const range = timesOf(body, 1);
    const limit = limitOf(body, mostEvents);
    const items = backwards
      ? store.lines({ group, streams, ...range, ...(place && { upTo: place }), limit, descending: true }).reverse()
      : store.lines({ group, streams, ...range, ...(place && { after: place }), limit });
    return { events: items.map(shown), ...tokensAround(items, place ?? { timestamp: 0, id: 0 }) };
  },
  FilterLogEvents: (store, body) => {
    if (body.logStreamNames !== undefined && body.logStreamNamePrefix !== undefined)
      throw invalid("logStreamNames and logStreamNamePrefix are mutually exclusive");
    const { events, next } = search(store, existingGroup(store, body), body);
    return { events, searchedLogStreams: [], ...(next && { nextToken: tokenAt(next, "after") }) };
  },
};

function search(store: LogStore, group: string, body: Body): { events: object[]; next: Place | undefined } {
  const [limit, wanted, range] = [limitOf(body, mostEvents), filterPattern(body.filterPattern), timesOf(body, 0)];
  const streams = body.logStreamNames === undefined ? {} : { streams: body.logStreamNames as string[] };
  const events: object[] = [];
  let after = body.nextToken === undefined ? undefined : placeIn(readToken(body.nextToken, /^(after) (\d+) (\d+)$/));
  // One more than is wanted tells whether there is more.
  const window = body.filterPattern ? mostEvents : limit + 1;
  for (let searched = 0; searched < mostSearched; searched += window) {
    const scope = { group, ...streams, stream_prefix: String(body.logStreamNamePrefix ?? ""), ...range };
    const lines = store.lines({ ...scope, ...(after && { after }), limit: window });
    for (const line of lines) {
      if (events.length === limit) return { events, next: after };
      after = { timestamp: line.timestamp, id: line.id };
      if (wanted(line.message)) events.push({ ...shown(line), logStreamName: line.stream, eventId: String(line.id) });
    }
    if (lines.length < window) return { events, next: undefined };
  }
  return { events, next: after };
}

function requireBatch(value: unknown): LogLine[] {
  const events = value as LogLine[];
  if (!Array.isArray(value) || value.length === 0 || value.length > mostEvents)
    throw invalid(`logEvents must have 1 to ${mostEvents} members`);
  const odd = events.findIndex(
    ({ timestamp, message }) => !Number.isInteger(timestamp) || timestamp < 0 || typeof message !== "string" || message === "",
  );
  if (odd >= 0) throw invalid(`logEvents.${odd + 1}.member must have a timestamp in milliseconds and a message that is not empty`);
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0)))
    throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
  const size = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + overhead, 0);
  if (size > largestBatch) throw invalid(`Upload too large: ${size} bytes exceeds limit of ${largestBatch}`);
  return events;
}

/** Backwards from the end, unless it is to begin at the head or a token says where. */
function direction({ nextToken, startFromHead }: Body): { place: Place | undefined; backwards: boolean } {
  if (nextToken === undefined) return { place: undefined, backwards: startFromHead !== true };
  const found = readToken(nextToken, /^(forward|backward) (\d+) (\d+)$/);
  return { place: placeIn(found), backwards: found[1] === "backward" };
}

/** A token is the place behind a line: at an end, where nothing more is, it is the one that was given. */
function tokensAround(items: StoredLine[], place: Place): object {
  const [first, last] = [items[0], items.at(-1)];
  const before = first === undefined ? place : { timestamp: first.timestamp, id: first.id - 1 };
  return { nextForwardToken: tokenAt(last ?? place, "forward"), nextBackwardToken: tokenAt(before, "backward") };
}

const tokenAt = ({ timestamp, id }: Place, way: "forward" | "backward" | "after"): string => writeToken(`${way} ${timestamp} ${id}`);
const placeIn = ([, , timestamp, id]: RegExpExecArray): Place => ({ timestamp: Number(timestamp), id: Number(id) });

/** `short`: milliseconds by which the end is earlier than said. */
function timesOf({ startTime, endTime }: Body, short: number): { from?: number; until?: number } {
  return { ...(startTime !== undefined && { from: Number(startTime) }), ...(endTime !== undefined && { until: Number(endTime) - short }) };
}

const shown = ({ timestamp, message, ingested_at }: StoredLine): object => ({ timestamp, message, ingestionTime: ingested_at });
