import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import { eventOperations } from "./events.ts";
import { existingGroup, groupOperations } from "./groups.ts";
import { InsightsQueries } from "./insights/queries.ts";
import { invalid } from "./regular-expression.ts";
import type { LogStore } from "./store.ts";

/** Of one query. */
const mostGroups = 50;

type Body = Record<string, unknown>;
type Operation = (store: LogStore, body: Body) => object;

/** CloudWatch Logs: what is needed to write lines and to read them again in order of time. */
export function logsService(store: LogStore): AwsService {
  const queries = new InsightsQueries(store);
  const all: Record<string, Operation> = {
    ...groupOperations,
    ...eventOperations,
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

function groupsOf(store: LogStore, body: Body): string[] {
  const { logGroupName, logGroupNames, logGroupIdentifiers } = body;
  const given = [logGroupName === undefined ? undefined : [logGroupName], logGroupNames, logGroupIdentifiers].filter(
    (each) => each !== undefined,
  );
  const [names] = given;
  if (given.length !== 1 || !Array.isArray(names) || names.length === 0 || names.length > mostGroups)
    throw invalid(`Exactly one of logGroupName, logGroupNames and logGroupIdentifiers has to name 1 to ${mostGroups} log groups`);
  return [...new Set(names.map((logGroupIdentifier) => existingGroup(store, { logGroupIdentifier })))];
}
