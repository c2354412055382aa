import type { Cluster } from "../ports/cluster.ts";
import type { LoggedContainer } from "./container-runs.ts";
import { identityOf, type LogSource } from "./log-sources.ts";
import { type LogAsked, type LogFound, readContainerLog, type TimedLine } from "./read-container-log.ts";

/** How far one container was read: `[run, time, lines of that time]`. */
export type Position = [run: number, time: string, count: number];

/** What is asked for of each container. */
export interface RunsAsked {
  namespace: string;
  previous: boolean;
  tail: number;
  since?: number | undefined;
  until?: number | undefined;
  /** It is followed: what comes after a position, or all of an instance that is new. */
  is_followed: boolean;
}

export interface Piece {
  container: LoggedContainer;
  run: number;
  lines: (TimedLine & { piece: Piece })[];
  of_last_time: number;
}

/** Reads one run of a container, which the node knows only as the present one or the one before. */
export type ReadRun = (run: number, asked: LogAsked) => Promise<LogFound>;

/** Each log is asked for once, whoever wants it, and however often. */
export function readRunOnce(cluster: () => Promise<Cluster>): ReadRun {
  const found = new Map<string, Promise<LogFound>>();
  return (run, asked) => {
    const key = JSON.stringify([run, asked]);
    const begun = found.get(key) ?? cluster().then((there) => readContainerLog(there, asked));
    found.set(key, begun);
    return begun;
  };
}

/** Of a container that has been started anew since the position was taken: first the rest of the run before. */
export async function readRuns(
  readRun: ReadRun,
  asked: RunsAsked,
  container: LoggedContainer,
  position: Position | undefined,
): Promise<{ pieces: Piece[]; sources: LogSource[] }> {
  const source = (state: LogSource["state"], message: string): LogSource => ({ ...identityOf(container), state, message });
  const { run, previous_run } = container;
  if (asked.previous && previous_run === null) return { pieces: [], sources: [source("none", "no run of it has ended yet")] };
  if (run === null) return { pieces: [], sources: [source("creating", `it has not run yet: ${container.waiting}`)] };
  const wanted = asked.previous ? [previous_run as number] : runsAfter(run, previous_run, position);
  const pieces: Piece[] = [];
  const sources: LogSource[] = [];
  if (position && position[0] < Math.min(...wanted)) sources.push(source("cut", cutMessage(position[0], Math.min(...wanted))));
  const all = await Promise.all(wanted.map((each) => readRun(each, logAsked(asked, container, each, position))));
  for (const [index, found] of all.entries()) {
    const each = wanted[index] as number;
    if ("lost" in found) sources.push(source("lost", found.lost));
    else {
      const piece: Piece = { container, run: each, lines: [], of_last_time: found.of_last_time };
      piece.lines = found.lines.map(({ time, message }) => ({ time, message, piece }));
      pieces.push(piece);
    }
  }
  return { pieces, sources: sources.length > 0 ? sources : [source("read", "")] };
}

function logAsked(asked: RunsAsked, container: LoggedContainer, run: number, position: Position | undefined): LogAsked {
  const isPrevious = asked.previous || run !== container.run;
  const after = position && position[0] === run && position[1] !== "" ? { time: position[1], count: position[2] } : null;
  return {
    namespace: asked.namespace,
    instance: container.instance,
    container_name: container.container_name,
    previous: isPrevious,
    has_ended: isPrevious || container.has_ended,
    take: asked.is_followed ? { after } : "newest",
    most: asked.tail,
    since: asked.since,
    until: asked.until,
  };
}

/** Runs that the node still has, from the one of the position on. */
function runsAfter(run: number, previous: number | null, position: Position | undefined): number[] {
  if (!position || position[0] >= run) return [run];
  return previous !== null && previous < run ? [previous, run] : [run];
}

const cutMessage = (read: number, first: number): string =>
  `it was started anew since the last answer, and the node no longer has all of it (it was read in run ${read}, the oldest that is left is run ${first}): source=historical has what was kept`;
