import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import { InsightsQueries } from "./insights/queries.ts";
import { jsonFilter } from "./json-filter.ts";
import type { LogStore, StoredLine } from "./store.ts";

type Body = Record<string, unknown>;
type Operation = (store: LogStore, body: Body) => object;

/** CloudWatch Logs: what is needed to write lines and to read them again in order of time. */
export function logsService(store: LogStore): AwsService {
  const queries = new InsightsQueries(store);
  const all: Record<string, Operation> = {
    ...operations,
    StartQuery: (_store, body) => queries.start(groupsOf(store, body), body),
    GetQueryResults: (_store, body) => queries.results(body),
    StopQuery: (_store, body) => queries.stop(body),
  };
  return {
    handle: async (call) => {
      const operation = all[call.action ?? ""];
      if (operation === undefined)
        throw new AwsError("UnknownOperationException", `The local CloudWatch Logs does not know ${call.action}`);
      return { status: 200, body: operation(store, JSON.parse(call.body.toString("utf8") || "{}") as Body) };
    },
  };
}

const operations: Record<string, Operation> = {
  CreateLogStream: (store, body) => {
    const group = existingGroup(store, body);
    if (!store.createStream(group, String(body.logStreamName)))
      throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
    return {};
  },
  PutLogEvents: (store, body) => {
    const group = existingGroup(store, body);
    const stream = String(body.logStreamName);
    if (store.streams(group, stream).every(({ name }) => name !== stream)) {
      throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
    }
    store.append(group, stream, body.logEvents as { timestamp: number; message: string }[]);
    return { nextSequenceToken: "0" };
  },
  DescribeLogGroups: (store, body) => ({
    logGroups: store.groups(String(body.logGroupNamePrefix ?? "")).map(({ name, retention_days, created_at }) => ({
      logGroupName: name,
      arn: `${arn("logs", `log-group:${name}`)}:*`,
      creationTime: created_at,
      ...(retention_days === null ? {} : { retentionInDays: retention_days }),
    })),
  }),
  DescribeLogStreams: (store, body) => ({
    logStreams: sortedStreams(store, body).map(({ name, created_at, last_event }) => ({
      logStreamName: name,
      creationTime: created_at,
      ...(last_event === null ? {} : { lastEventTimestamp: last_event, lastIngestionTime: last_event }),
    })),
  }),
  GetLogEvents: (store, body) => {
    const lines = page(store, body, { streams: [String(body.logStreamName)] });
    const token = lines.next ?? String(body.nextToken ?? "");
    return { events: lines.items.map(shown), nextForwardToken: token, nextBackwardToken: token };
  },
  FilterLogEvents: (store, body) => {
    const { items, next } = page(store, body, {
      ...(body.logStreamNames === undefined ? {} : { streams: body.logStreamNames as string[] }),
      stream_prefix: String(body.logStreamNamePrefix ?? ""),
    });
    const wanted = filter(body.filterPattern);
    const events = items
      .filter(({ message }) => wanted(message))
      .map((line) => ({ ...shown(line), logStreamName: line.stream, eventId: String(line.id) }));
    return { events, searchedLogStreams: [], ...(next === undefined ? {} : { nextToken: next }) };
  },
};

function groupsOf(store: LogStore, body: Body): string[] {
  const names = (body.logGroupNames ?? body.logGroupIdentifiers ?? [body.logGroupName]) as string[];
  return names.map((logGroupIdentifier) => existingGroup(store, { logGroupIdentifier }));
}

function existingGroup(store: LogStore, body: Body): string {
  const group = String(body.logGroupName ?? String(body.logGroupIdentifier).replace(/^arn:.*?log-group:|:\*$/g, ""));
  if (!store.hasGroup(group)) throw new AwsError("ResourceNotFoundException", `The specified log group does not exist: ${group}`);
  return group;
}

function sortedStreams(store: LogStore, body: Body): ReturnType<LogStore["streams"]> {
  const streams = store.streams(existingGroup(store, body), String(body.logStreamNamePrefix ?? ""));
  if (body.orderBy === "LastEventTime") streams.sort((a, b) => (a.last_event ?? 0) - (b.last_event ?? 0));
  return (body.descending ? streams.reverse() : streams).slice(0, Number(body.limit ?? 50));
}

function page(
  store: LogStore,
  body: Body,
  scope: { streams?: string[]; stream_prefix?: string },
): { items: StoredLine[]; next: string | undefined } {
  const limit = Number(body.limit ?? 10_000);
  const token =
    body.nextToken === undefined
      ? undefined
      : (JSON.parse(Buffer.from(String(body.nextToken), "base64url").toString()) as { timestamp: number; id: number });
  const items = store.lines({
    group: existingGroup(store, body),
    ...scope,
    ...(body.startTime === undefined ? {} : { from: Number(body.startTime) }),
    ...(body.endTime === undefined ? {} : { until: Number(body.endTime) }),
    ...(token === undefined ? {} : { after: token }),
    limit,
  });
  const last = items.length === limit ? items.at(-1) : undefined;
  const next = last && Buffer.from(JSON.stringify({ timestamp: last.timestamp, id: last.id })).toString("base64url");
  return { items, next };
}

/** Plain words and quoted phrases, all of which a line must hold, or a selection by JSON. Errors: the other syntaxes. */
function filter(pattern: unknown): (message: string) => boolean {
  const text = String(pattern ?? "").trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return jsonFilter(text);
  if (/^[[%]/.test(text))
    throw new AwsError("InvalidParameterException", `The local CloudWatch Logs filters by plain words only, not by ${text}`);
  const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, phrase, word]) => phrase?.replaceAll(/\\(.)/g, "$1") ?? word ?? "",
  );
  return (message) => words.every((word) => message.includes(word));
}

const shown = ({ timestamp, message, ingested_at }: StoredLine): object => ({ timestamp, message, ingestionTime: ingested_at });
