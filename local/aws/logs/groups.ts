import { arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import { pageOf } from "./pages.ts";
import { invalid } from "./regular-expression.ts";
import type { LogStore } from "./store.ts";

type Body = Record<string, unknown>;
type Operation = (store: LogStore, body: Body) => object;

const mostListed = 50;

/** Log groups and their streams. */
export const groupOperations: Record<string, Operation> = {
  CreateLogGroup: (store, body) => {
    refuseFields(body, "kmsKeyId", "tags", "deletionProtectionEnabled");
    if ((body.logGroupClass ?? "STANDARD") !== "STANDARD") throw invalid(`The local CloudWatch Logs has no class ${body.logGroupClass}`);
    const name = nameOf(body.logGroupName, "logGroupName", /^[\w.\-/#]{1,512}$/);
    if (store.hasGroup(name)) throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
    store.createGroup(name, null);
    return {};
  },
  CreateLogStream: (store, body) => {
    const group = existingGroup(store, body);
    if (!store.createStream(group, nameOf(body.logStreamName, "logStreamName", /^[^:*]{1,512}$/)))
      throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
    return {};
  },
  DescribeLogGroups: (store, body) => {
    refuseFields(body, "logGroupIdentifiers", "accountIdentifiers", "includeLinkedAccounts");
    const { logGroupNamePrefix: prefix, logGroupNamePattern: part, logGroupClass = "STANDARD" } = body;
    if (prefix !== undefined && part !== undefined) throw invalid("logGroupNamePrefix and logGroupNamePattern are mutually exclusive");
    const found = store
      .groups(String(prefix ?? ""))
      .filter(({ name }) => logGroupClass === "STANDARD" && name.includes(String(part ?? "")));
    const { items, nextToken } = pageOf(found, body, mostListed);
    return { logGroups: items.map(shownGroup), nextToken };
  },
  DescribeLogStreams: (store, body) => {
    const group = existingGroup(store, body);
    const { items, nextToken } = pageOf(sortedStreams(store, group, body), body, mostListed);
    return { logStreams: items.map((stream) => shownStream(group, stream)), nextToken };
  },
};

/** By name or ARN. Errors: ResourceNotFoundException. */
export function existingGroup(store: LogStore, body: Body): string {
  if (body.logGroupName === undefined && body.logGroupIdentifier === undefined)
    throw invalid("Either logGroupName or logGroupIdentifier must be given");
  const group = String(body.logGroupName ?? String(body.logGroupIdentifier).replace(/^arn:.*?log-group:|:\*$/g, ""));
  if (!store.hasGroup(group)) throw new AwsError("ResourceNotFoundException", `The specified log group does not exist: ${group}`);
  return group;
}

/** Errors: ResourceNotFoundException. */
export function existingStream(store: LogStore, group: string, body: Body): string {
  const stream = String(body.logStreamName);
  if (store.streams(group, stream).some(({ name }) => name === stream)) return stream;
  throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
}

function sortedStreams(store: LogStore, group: string, body: Body): ReturnType<LogStore["streams"]> {
  const { orderBy = "LogStreamName", logStreamNamePrefix: prefix, descending } = body;
  if (orderBy !== "LogStreamName" && orderBy !== "LastEventTime")
    throw invalid(`orderBy must be LogStreamName or LastEventTime, given ${orderBy}`);
  if (orderBy === "LastEventTime" && prefix !== undefined) throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const streams = store.streams(group, String(prefix ?? ""));
  if (orderBy === "LastEventTime") streams.sort((a, b) => (a.last_event ?? 0) - (b.last_event ?? 0));
  return descending === true ? streams.reverse() : streams;
}

function shownGroup({ name, retention_days, created_at }: ReturnType<LogStore["groups"]>[number]): object {
  const logGroupArn = arn("logs", `log-group:${name}`);
  return {
    ...{
      logGroupName: name,
      arn: `${logGroupArn}:*`,
      logGroupArn,
      creationTime: created_at,
      metricFilterCount: 0,
      logGroupClass: "STANDARD",
    },
    ...(retention_days !== null && { retentionInDays: retention_days }),
  };
}

function shownStream(group: string, { name, created_at, last_event }: ReturnType<LogStore["streams"]>[number]): object {
  return {
    ...{ logStreamName: name, arn: arn("logs", `log-group:${group}:log-stream:${name}`), creationTime: created_at },
    ...(last_event !== null && { lastEventTimestamp: last_event, lastIngestionTime: last_event }),
  };
}

function nameOf(value: unknown, field: string, form: RegExp): string {
  if (typeof value === "string" && form.test(value)) return value;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must match ${form.source}`,
  );
}

function refuseFields(body: Body, ...fields: string[]): void {
  const given = fields.find((field) => body[field] !== undefined && body[field] !== false);
  if (given !== undefined) throw invalid(`The local CloudWatch Logs does not know ${given}`);
}
