import { instancePattern } from "../../domain/instance-name.ts";
import { exactTime } from "../../domain/log-line.ts";
import { routeName } from "../../domain/names.ts";
import {
  type KeptLine,
  type LogHistory,
  type LogPlace,
  type LogSearch,
  LogsThrottled,
  NoLogs,
  type SearchResults,
} from "../ports/log-history.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

/** As Container Insights names it. */
const groupOf = (cluster: string): string => `/aws/containerinsights/${cluster}/application`;

/** Searches by Logs Insights. The role needs `logs:StartQuery` on the group, and `logs:GetQueryResults` and `logs:StopQuery`. */
export function cloudwatchLogs(call: AwsCall): LogHistory {
  return {
    async begin(search) {
      const group = groupOf(search.cluster);
      const { queryId } = await orKnown(group, () =>
        call<{ queryId: string }>("StartQuery", {
          logGroupName: group,
          startTime: Math.floor(search.from / 1000),
          // In whole seconds, and never that of the beginning: the query itself says it to the millisecond.
          endTime: Math.floor(search.until / 1000) + 1,
          queryString: queryText(search),
        }),
      );
      return queryId;
    },
    async results(queryId) {
      const { status, results = [] } = await orKnown("", () => call<QueryAnswer>("GetQueryResults", { queryId }));
      return { state: states[status] ?? "failed", lines: results.map(lineOf) };
    },
    all: (place, containerName) => allLines(call, place, containerName),
    async stop(queryId) {
      await call("StopQuery", { queryId }).catch((error: Error) => {
        if (error.name !== "InvalidParameterException" && error.name !== "ResourceNotFoundException") throw error;
      });
    },
  };
}

interface QueryAnswer {
  status: string;
  results?: { field: string; value: string }[][];
}

const states: Record<string, SearchResults["state"]> = {
  ...{ Scheduled: "running", Running: "running", Unknown: "running", Complete: "complete" },
  ...{ Cancelled: "stopped", Failed: "failed", Timeout: "failed" },
};

/**
 * Names are of closed grammars and stand in strings; what a person typed stands in a regular expression in which every
 * character that is neither letter, digit nor blank is escaped. Nothing of either can end where it stands.
 */
export function queryText({
  namespace,
  deployment,
  component,
  revisions,
  instance,
  container_name,
  text,
  from,
  until,
  order,
  limit,
}: LogSearch): string {
  return [
    "fields @timestamp, time, log, kubernetes.pod_name, kubernetes.container_name",
    `filter kubernetes.namespace_name = ${quoted(namespace)}`,
    `filter kubernetes.pod_name like /${instancePattern(deployment, component, revisions)}/`,
    ...(instance === undefined ? [] : [`filter kubernetes.pod_name = ${quoted(instance)}`]),
    ...(container_name === undefined ? [] : [`filter kubernetes.container_name = ${quoted(container_name)}`]),
    ...(text === undefined ? [] : [`filter log like /(?i)${literal(text)}/`]),
    `filter toMillis(@timestamp) >= ${from} and toMillis(@timestamp) <= ${until}`,
    `sort @timestamp ${order}`,
    `limit ${limit}`,
  ].join("\n| ");
}

interface EventsPage {
  events?: { timestamp?: number; message?: string }[];
  nextToken?: string;
}

/** By FilterLogEvents: it has no limit of lines, and what it reads is not billed. Its pattern knows no expressions. */
async function* allLines(call: AwsCall, place: LogPlace, containerName: string | undefined): AsyncGenerator<KeptLine[]> {
  const group = groupOf(place.cluster);
  const wanted = new RegExp(instancePattern(place.deployment, place.component, place.revisions));
  const terms = [
    `$.kubernetes.namespace_name = ${quoted(place.namespace)}`,
    `$.kubernetes.pod_name = "${routeName(place.deployment)}-*"`,
    ...(containerName === undefined ? [] : [`$.kubernetes.container_name = ${quoted(containerName)}`]),
  ];
  const input = { logGroupName: group, startTime: place.from, endTime: place.until, filterPattern: `{ ${terms.join(" && ")} }` };
  let nextToken: string | undefined;
  do {
    const page: EventsPage = await orKnown(group, () => call<EventsPage>("FilterLogEvents", { ...input, ...(nextToken && { nextToken }) }));
    yield (page.events ?? [])
      .flatMap(keptLine)
      .filter(({ instance }) => wanted.test(instance) && (place.instance ?? instance) === instance);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

interface Collected {
  time?: string;
  log?: string;
  kubernetes?: { pod_name?: string; container_name?: string };
}

function keptLine({ timestamp = 0, message = "" }: { timestamp?: number; message?: string }): KeptLine[] {
  const { time = "", log = "", kubernetes = {} } = JSON.parse(message) as Collected;
  const exact = exactTime(time) ?? exactTime(new Date(timestamp).toISOString()) ?? "";
  const { pod_name = "", container_name = "" } = kubernetes;
  return [{ at: timestamp, time: exact, instance: pod_name, container_name, message: log.replace(/\n$/, "") }];
}

/** Errors: a text that is no name of Kubernetes, which the contract has let nobody give. */
function quoted(name: string): string {
  if (!/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name to be searched for`);
  return `"${name}"`;
}

const literal = (text: string): string => text.replaceAll(/[!-/:-@[-`{-~]/g, "\\$&");

function lineOf(row: { field: string; value: string }[]): KeptLine {
  const value = (name: string): string => row.find(({ field }) => field === name)?.value ?? "";
  const stamp = `${value("@timestamp").replace(" ", "T")}Z`;
  return {
    at: Date.parse(stamp),
    time: exactTime(value("time")) ?? exactTime(stamp) ?? "",
    instance: value("kubernetes.pod_name"),
    container_name: value("kubernetes.container_name"),
    // What wrote the record may have ended it by the line's own end.
    message: value("log").replace(/\n$/, ""),
  };
}

const isBusy = /Throttling|Throttled|LimitExceeded|TooManyRequests|ServiceUnavailable/;

async function orKnown<T>(group: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "ResourceNotFoundException") throw new NoLogs(group);
    throw isBusy.test(name) ? new LogsThrottled(`${name}: ${message}`) : error;
  }
}
