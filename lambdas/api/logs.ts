import type { LogsQuery, Moment } from "../../contract/log-queries.ts";
import { Problem } from "../../domain/errors.ts";
import { type LogLine, plainText } from "../../domain/log-line.ts";
import { findDeployment } from "../operations/find-deployment.ts";
import type { Reading } from "../operations/installation.ts";
import { readTransientLogs } from "../operations/read-transient-logs.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { Handlers, Reply } from "./dispatch.ts";

export interface LogPorts extends Reading {
  clusters: Clusters;
}

export function readLogs(ports: LogPorts): Handlers<"ReadLogs"> {
  return {
    async listLogs({ caller, params, query, plainText: isPlain }) {
      const range = rangeOf(query, ports.clock.now());
      const head = await findDeployment(ports.record, caller, params.id);
      const { cursor: _cursor, tail: _tail, sort = "asc", ...asked } = query;
      const { since: _since, until: _until, ...rest } = query;
      const page = await readTransientLogs(ports.clusters, head, { ...rest, ...range, asked, sort: isPlain ? "asc" : sort });
      return isPlain ? plainAnswer(page.items, page.next_cursor) : { status: 200, body: page };
    },
  };
}

interface Range {
  since: number | undefined;
  until: number | undefined;
}

function rangeOf({ since, until }: LogsQuery, now: number): Range {
  const range = { since: momentIn(since, now), until: momentIn(until, now) };
  if (range.since === undefined || range.until === undefined || range.since <= range.until) return range;
  const message = `since (${new Date(range.since).toISOString()}) is after until (${new Date(range.until).toISOString()})`;
  throw new Problem("invalid-input", `The query is not valid. ${message}: nothing can lie between them`, {
    errors: [{ path: "since", message: "after until" }],
  });
}

const momentIn = (moment: Moment | undefined, now: number): number | undefined =>
  moment === undefined ? undefined : "at" in moment ? moment.at : now - moment.seconds_ago * 1000;

/** For a terminal: nothing in it drives one, and where several wrote, each line says who did. */
function plainAnswer(items: LogLine[], cursor: string | undefined): Reply<"listLogs"> {
  const writers = new Set(items.map(({ instance, container_name }) => `${instance}/${container_name}`));
  const who = ({ instance, container_name }: LogLine) => (writers.size > 1 ? `${instance}/${container_name} ` : "");
  const text = items.map((line) => `${line.at} ${who(line)}${plainText(line.message)}\n`).join("");
  return { status: 200, headers: cursor === undefined ? {} : { "x-slipway-next-cursor": cursor }, text };
}
