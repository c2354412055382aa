import { Problem } from "../../domain/errors.ts";
import type { MetricRange } from "../../domain/metrics.ts";
import { type AccessFigures, type ClientFigures, NoAccessLog } from "../ports/access-figures.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

/** An answer is waited for as long as a gateway lets it wait, with time left to give it. */
const longestWait = 20_000;
const firstPause = 100;
const longestPause = 1_000;
/** Of one query. */
const mostRows = 10_000;

type Row = Record<string, string | undefined>;

export interface AccessLogPlace {
  group: string;
  kept_days: number;
}

/**
 * Counts by two queries of Logs Insights at once: percentiles of the whole time do not follow from those of its steps.
 * The role needs `logs:StartQuery` on the group, and `logs:GetQueryResults` and `logs:StopQuery`.
 */
export function cloudwatchAccessFigures(call: AwsCall, clock: Clock, { group, kept_days }: AccessLogPlace): AccessFigures {
  return {
    kept_days,
    async byClient(uid, range) {
      const asking: Asking = { call, clock, group, deadline: clock.now() + longestWait };
      let failure: unknown;
      const rowsOf = (query: string): Promise<Row[]> =>
        askedOnce(asking, query, range).catch((error: unknown) => {
          failure ??= error;
          // Without one of them nobody needs the other.
          asking.deadline = 0;
          return [];
        });
      const [steps, totals] = await Promise.all([rowsOf(stepsQuery(uid, range)), rowsOf(totalsQuery(uid, range))]);
      if (failure !== undefined) throw failure;
      return figuresIn(steps, totals);
    },
  };
}

export function stepsQuery(uid: string, range: MetricRange): string {
  // Not by `bin`, which takes a period of more than 60 minutes for one of 60. The newest first: they are what is kept when there are too many.
  return queryText(uid, range, [
    `fields floor((toMillis(@timestamp) - ${range.from}) / ${range.step}) as step`,
    `stats ${counted} by client, step`,
    "sort step desc",
  ]);
}

export const totalsQuery = (uid: string, range: MetricRange): string =>
  queryText(uid, range, [`stats ${counted} by client`, "sort requests desc"]);

const counted = [
  "count(*) as requests",
  "sum(is_error) as errors",
  "sum(is_server_error) as server_errors",
  ...[50, 95, 99].map((percent) => `pct(latency, ${percent}) as p${percent}`),
].join(", ");

/** `deployment` is indexed. Where a status of 400 or 500 begins is told by arithmetic: what a comparison is as a number is not documented. */
function queryText(uid: string, { from, until }: MetricRange, commands: string[]): string {
  if (!/^[0-9A-HJKMNP-TV-Z]{26}$/.test(uid)) throw new Error(`${JSON.stringify(uid)} is no uid of a deployment`);
  return [
    `filter deployment = "${uid}"`,
    'filter ispresent(client) and client != "-"',
    `filter toMillis(@timestamp) >= ${from} and toMillis(@timestamp) < ${until}`,
    "fields least(1, greatest(0, floor(status / 100) - 3)) as is_error, least(1, greatest(0, floor(status / 100) - 4)) as is_server_error",
    ...commands,
    `limit ${mostRows}`,
  ].join("\n| ");
}

interface Asking {
  call: AwsCall;
  clock: Clock;
  group: string;
  /** Milliseconds since the epoch. */
  deadline: number;
}

async function askedOnce(asking: Asking, queryString: string, { from, until }: MetricRange): Promise<Row[]> {
  // In whole seconds, both included: the query itself says where it ends.
  const endTime = Math.ceil(Math.min(until, asking.clock.now()) / 1000);
  const input = { logGroupName: asking.group, startTime: from / 1000, endTime, queryString };
  const queryId = await orKnown(asking.group, () => begun(asking.call, input));
  if (queryId === null) return [];
  try {
    return await awaited(asking, queryId);
  } catch (error) {
    // Nobody else will ask for it.
    await asking.call("StopQuery", { queryId }).catch(() => undefined);
    throw error;
  }
}

/** null: of a time before the log group was made, which the service does not ask it for. */
async function begun(call: AwsCall, input: object): Promise<string | null> {
  try {
    return (await call<{ queryId: string }>("StartQuery", input)).queryId;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "MalformedQueryException" && /creation time|retention/.test(message)) return null;
    throw error;
  }
}

interface QueryAnswer {
  status: string;
  results?: { field: string; value: string }[][];
}

async function awaited(asking: Asking, queryId: string): Promise<Row[]> {
  const { call, clock, group } = asking;
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
    const { status, results = [] } = await orKnown(group, () => call<QueryAnswer>("GetQueryResults", { queryId }));
    if (status === "Complete") return results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
    if (!["Scheduled", "Running", "Unknown"].includes(status)) throw notCounted(`ended the query as ${status}`);
    if (clock.now() + pause > asking.deadline) throw notCounted(`did not finish the query in ${longestWait / 1000} s`);
    await clock.sleep(pause);
  }
}

function figuresIn(steps: Row[], totals: Row[]): ClientFigures {
  const counts = steps.map((row) => ({ ...countsIn(row), step: Math.round(Number(row.step)) }));
  // The rows are cut somewhere in the oldest step that is there.
  const isCut = steps.length >= mostRows;
  const first_step = isCut ? counts.reduce((oldest, { step }) => Math.min(oldest, step), Number.POSITIVE_INFINITY) + 1 : 0;
  return { steps: counts, totals: totals.map(countsIn), first_step, lacks_clients: totals.length >= mostRows };
}

function countsIn(row: Row): ClientFigures["totals"][number] {
  const number = (name: string): number | null => (row[name] === undefined ? null : Number(row[name]));
  const [requests, server_errors] = [number("requests") ?? 0, number("server_errors") ?? 0];
  return {
    ...{ client: row.client ?? "", requests, server_errors, client_errors: (number("errors") ?? 0) - server_errors },
    latency_ms: [number("p50"), number("p95"), number("p99")],
  };
}

const isBusy = /Throttling|Throttled|LimitExceeded|TooManyRequests/;

async function orKnown<T>(group: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { name, message } = error as Error;
    if (name === "ResourceNotFoundException") throw new NoAccessLog(group);
    if (!isBusy.test(name)) throw error;
    const detail = `CloudWatch Logs is busy with other queries (${name}: ${message}). Try again in a moment, or give a shorter time by from and to`;
    throw new Problem("rate-limited", detail, { members: { retry_after_seconds: 5 } });
  }
}

const notCounted = (what: string): Problem =>
  new Problem("service-unavailable", `CloudWatch Logs ${what}. Ask again for a shorter time by from and to`);
