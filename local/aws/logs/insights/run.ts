import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogStore, Place } from "../store.ts";
import { eventRow, type FramedStream, framed, sharedRow } from "./events.ts";
import { type Condition, firstIndex, type Plan, planOf } from "./plan.ts";
import { type ResultRow, Results, type Stage, stagesOf } from "./stages.ts";
import type { Command } from "./syntax.ts";
import { isTrue } from "./values.ts";

export interface Search {
  groups: string[];
  /** Milliseconds, both included. */
  from: number;
  until: number;
  commands: Command[];
  /** Rows at most. */
  limit: number;
}
export interface Outcome {
  rows: ResultRow[];
  matched: number;
  scanned: number;
}

/** How many lines are looked at before others have their turn: this process does everything else as well. */
const window = 20_000;

/** Makes a query ready to run. Errors: MalformedQueryException. */
export function prepareSearch(search: Search, now: number): (store: LogStore, outcome: Outcome, isStopped: () => boolean) => Promise<void> {
  const plan = planOf(search.commands, now);
  const results = new Results(shownBy(search.commands), search.limit);
  const stages = stagesOf(search.groups.length > 1 ? inOrderOfTime(plan) : plan.commands, results, now);
  return async (store, outcome, isStopped) => {
    outcome.rows = results.rows;
    for (const group of search.groups) {
      const scan = { group, from: Math.max(search.from, plan.from), until: Math.min(search.until, plan.until), plan };
      if (scan.from <= scan.until) await scanGroup(store, scan, stages, outcome, isStopped);
    }
    if (!isStopped()) stages.end();
  };
}

interface Scan {
  group: string;
  from: number;
  until: number;
  plan: Plan;
}

/** Looks through a group until there are enough events, all were seen or `isStopped` says so. */
async function scanGroup(
  store: LogStore,
  { group, from, until, plan: { descending, conditions } }: Scan,
  stages: Stage,
  outcome: Outcome,
  isStopped: () => boolean,
): Promise<void> {
  const streams = store
    .framedStreams(group)
    .map(framed)
    .filter((stream) => mayHold(stream, conditions));
  const byId = new Map(streams.map((stream) => [stream.id, stream]));
  if (streams.length === 0) return;
  const holding = textsHeld(streams, conditions);
  let after: Place | undefined;
  do {
    const { lines, next, looked } = store.search({ group, streams: [...byId.keys()], from, until, holding, descending, after, window });
    outcome.scanned += looked;
    for (const line of lines) {
      const row = eventRow(line, byId.get(line.stream) as FramedStream, group);
      if (stages.isFull() || !conditions.every(({ evaluate }) => isTrue(evaluate(row)))) continue;
      outcome.matched += 1;
      stages.push(row);
    }
    after = stages.isFull() ? undefined : next;
    await nextTurn();
  } while (after !== undefined && !isStopped());
}

/** What a frame says is weighed once, not event by event. */
function mayHold(stream: FramedStream, conditions: Condition[]): boolean {
  const row = sharedRow(stream);
  return conditions
    .filter(({ fields }) => fields.length > 0 && fields.every((field) => row.get(field) !== undefined))
    .every(({ evaluate }) => isTrue(evaluate(row)));
}

/** Texts that no stored line passes without, the rarest first: most lines are then looked at for one text only. */
function textsHeld(streams: FramedStream[], conditions: Condition[]): string[] {
  // What has a frame was written here, and its characters stand as JSON.stringify leaves them; what clients write may have any form.
  const areOurs = streams.every(({ frame }) => frame !== "");
  return conditions
    .flatMap(({ holding }) => (holding === null ? [] : [holding]))
    .filter(({ field }) => !field.startsWith("@") && streams.every((stream) => sharedRow(stream).get(field) === undefined))
    .filter(({ text }) => text !== "" && (areOurs || /^[\w .:-]*$/.test(text)))
    .sort((one, other) => Number(other.is_free) - Number(one.is_free))
    .map(({ text }) => JSON.stringify(text).slice(1, -1));
}

/** Of several groups, which are looked at one after the other, events have to be brought into order. */
function inOrderOfTime({ commands, descending }: Plan): Command[] {
  const at = firstIndex(commands, "stats", "dedup", "limit", "sort");
  if (commands[at]?.word === "stats" || commands[at]?.word === "sort") return commands;
  const by = { kind: "field", name: "@timestamp", text: "@timestamp" } as const;
  return [...commands.slice(0, at), { word: "sort", keys: [{ by, descending }] }, ...commands.slice(at)];
}

/** Names of what results show: that of the last `display`, else what `stats` made or `fields` named. Events also have where they lie. */
function shownBy(commands: Command[]): string[] {
  let shown: string[] = [];
  let isOfEvents = true;
  for (const command of commands) {
    if (command.word === "stats") {
      isOfEvents = false;
      shown = [...command.by, ...command.columns].map(({ name }) => name);
    }
    if (command.word === "fields") shown = [...shown, ...command.columns.map(({ name }) => name)];
  }
  const display = commands.findLast(({ word }) => word === "display");
  if (display?.word === "display") shown = display.columns.map(({ name }) => name);
  if (shown.length === 0) shown = ["@timestamp", "@message"];
  return [...new Set([...shown, ...(isOfEvents ? ["@ptr"] : [])])];
}
