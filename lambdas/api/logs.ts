import type { LogsQuery } from "../../contract/log-queries.ts";
import { momentIn } from "../../contract/moment.ts";
import { Problem } from "../../domain/errors.ts";
import { type LogLine, plainText } from "../../domain/log-line.ts";
import { beginExport, getExport } from "../operations/export-logs.ts";
import { findDeployment } from "../operations/find-deployment.ts";
import type { Reading } from "../operations/installation.ts";
import { readHistoricalLogs } from "../operations/read-historical-logs.ts";
import { transientLogs } from "../operations/transient-logs.ts";
import { wantedRevisions } from "../operations/wanted-revisions.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { LogExports, StartExport } from "../ports/log-exports.ts";
import type { LogHistory } from "../ports/log-history.ts";
import type { LogSearches } from "../ports/log-searches.ts";
import type { MaskSecrets } from "../ports/masking.ts";
import type { NewId } from "../ports/surroundings.ts";
import type { Handlers, Reply } from "./dispatch.ts";

export interface LogPorts extends Reading {
  clusters: Clusters;
  history: LogHistory;
  searches: LogSearches;
  maskSecrets: MaskSecrets;
  exports: LogExports;
  startExport: StartExport;
  newId: NewId;
}

export function readLogs(ports: LogPorts): Handlers<"ReadLogs"> {
  const transient = transientLogs(ports);
  return {
    async listLogs({ caller, params, query, plainText: isPlain }) {
      const range = rangeOf(query, ports.clock.now());
      refuseMixed(query);
      // A cursor goes on with the same lines, in pages of another size or form.
      const { cursor: _cursor, tail: _tail, sort, ...asked } = query;
      const usual = query.source === "historical" ? "desc" : "asc";
      const wanted = { ...query, ...range, asked, sort: sort ?? usual };
      if (query.source === "transient") {
        const page = await transient(caller, params.id, wanted);
        return isPlain ? plainAnswer(page.items, wanted.sort, page.next_cursor) : { status: 200, body: page };
      }
      const head = await findDeployment(ports.record, caller, params.id);
      const found = await readHistoricalLogs(ports, head, { ...wanted, revisions: await wantedRevisions(ports.record, head, query) });
      if ("cursor" in found) return { status: 202, body: { cursor: found.cursor } };
      return isPlain ? plainAnswer(found.items, wanted.sort, found.next_cursor) : { status: 200, body: found };
    },
    async createLogExport({ caller, params, body, repeatable }) {
      const range = rangeOf(body, ports.clock.now());
      const head = await findDeployment(ports.record, caller, params.id);
      const begun = await beginExport({ ...ports, start: ports.startExport }, head, { ...body, ...range }, repeatable);
      return { status: 202, headers: { location: `/v1/deployments/${head.uid}/logs/exports/${begun.id}` }, body: begun };
    },
    async getLogExport({ caller, params }) {
      const head = await findDeployment(ports.record, caller, params.id);
      return { status: 200, body: await getExport(ports, head, params.export) };
    },
  };
}

/** Each source takes what it can do; what would have no effect is refused. */
function refuseMixed({ source, query, previous }: LogsQuery): void {
  const wrong =
    source === "transient" && query !== undefined
      ? { path: "query", message: "searches what was kept: give source=historical" }
      : source === "historical" && previous
        ? { path: "previous", message: "is for source=transient: historical logs have every run" }
        : undefined;
  if (wrong) throw new Problem("invalid-input", `The query is not valid. ${wrong.path} ${wrong.message}`, { errors: [wrong] });
}

interface Range {
  since: number | undefined;
  until: number | undefined;
}

function rangeOf({ since, until }: Pick<LogsQuery, "since" | "until">, now: number): Range {
  const range = { since: momentIn(since, now), until: momentIn(until, now) };
  if (range.since === undefined || range.until === undefined || range.since <= range.until) return range;
  const message = `since (${new Date(range.since).toISOString()}) is after until (${new Date(range.until).toISOString()})`;
  throw new Problem("invalid-input", `The query is not valid. ${message}: nothing can lie between them`, {
    errors: [{ path: "since", message: "after until" }],
  });
}

/** For a terminal: nothing in it drives one, and where several wrote, each line says who did. */
function plainAnswer(page: LogLine[], sort: "asc" | "desc", cursor: string | undefined): Reply<"listLogs"> {
  const items = sort === "desc" ? page.toReversed() : page;
  const [first] = items;
  const isOfOne = items.every((line) => line.instance === first?.instance && line.container_name === first.container_name);
  const who = ({ instance, container_name }: LogLine) => (isOfOne ? "" : `${instance}/${container_name} `);
  const text = items.map((line) => `${line.at} ${who(line)}${plainText(line.message)}\n`).join("");
  return { status: 200, headers: cursor === undefined ? {} : { "x-slipway-next-cursor": cursor }, text };
}
