import { randomUUID } from "node:crypto";
import { AwsError } from "../../error.ts";
import { limitOf } from "../pages.ts";
import type { LogStore } from "../store.ts";
import { mostRows, parseQuery } from "./parse-query.ts";
import { type Outcome, prepareSearch } from "./run.ts";

type Body = Record<string, unknown>;
type Status = "Running" | "Complete" | "Cancelled" | "Failed";

interface Running {
  status: Status;
  outcome: Outcome;
  ended_at: number | undefined;
}

/** Results are there for a while after the end of a query. */
const keptMilliseconds = 600_000;

/** Queries of Insights: each runs beside everything else, is asked for its results, and may be stopped. */
export class InsightsQueries {
  private readonly queries = new Map<string, Running>();
  private readonly store: LogStore;

  constructor(store: LogStore) {
    this.store = store;
  }

  start(groups: string[], body: Body): object {
    const commands = parseQuery(String(body.queryString));
    const [from, until] = [Number(body.startTime) * 1000, Number(body.endTime) * 1000 + 999];
    if (!(from <= until)) throw new AwsError("InvalidParameterException", "End time should not be before start time");
    const run = prepareSearch({ groups, from, until, commands, limit: limitOf(body, mostRows) }, Date.now());
    const running: Running = { status: "Running", outcome: { rows: [], matched: 0, scanned: 0 }, ended_at: undefined };
    const queryId = randomUUID();
    this.queries.set(queryId, running);
    this.forgetOld();
    run(this.store, running.outcome, () => running.status !== "Running")
      .then(() => end(running, "Complete"))
      .catch((error: unknown) => {
        console.error("A query of the local Logs Insights failed:", error);
        end(running, "Failed");
      });
    return { queryId };
  }

  results(body: Body): object {
    const { status, outcome } = this.find(body);
    return {
      status,
      results: outcome.rows,
      statistics: { recordsMatched: outcome.matched, recordsScanned: outcome.scanned, bytesScanned: 0 },
    };
  }

  stop(body: Body): object {
    const running = this.find(body);
    if (running.status !== "Running") {
      throw new AwsError("InvalidParameterException", `Query with id ${body.queryId} has already ended with status ${running.status}`);
    }
    end(running, "Cancelled");
    return { success: true };
  }

  private find({ queryId }: Body): Running {
    const found = this.queries.get(String(queryId));
    if (!found) throw new AwsError("ResourceNotFoundException", `Query with id ${queryId} does not exist`);
    return found;
  }

  private forgetOld(): void {
    for (const [id, { ended_at }] of this.queries)
      if (ended_at !== undefined && Date.now() - ended_at > keptMilliseconds) this.queries.delete(id);
  }
}

function end(running: Running, status: Status): void {
  if (running.status !== "Running") return;
  running.status = status;
  running.ended_at = Date.now();
}
