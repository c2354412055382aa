import { exactTime, type LogPosition } from "../../domain/log-line.ts";
import { type Cluster, KubernetesError } from "../ports/cluster.ts";

/** A line with its time as the node wrote it, to the nanosecond. */
export interface TimedLine {
  time: string;
  message: string;
}

export interface LogAsked {
  namespace: string;
  instance: string;
  container_name: string;
  previous: boolean;
  /** A line that has no end yet is one all the same. */
  has_ended: boolean;
  /** The newest lines, or those that come after a position, oldest first. null: from the beginning. */
  take: "newest" | { after: LogPosition | null };
  most: number;
  /** Milliseconds since the epoch; the lines between them, both included. */
  since: number | undefined;
  until: number | undefined;
}

/** `lost`: what the node says in place of the log. */
export type LogFound = Log | { lost: string };

export interface Log {
  lines: TimedLine[];
  /** How many lines have the very time of the last, those that were not asked for among them. */
  of_last_time: number;
}

/** Characters of one line that are given; an answer holds 6 MB. */
const longestLine = 1024 * 1024;
/** Of one container, in memory at one time. */
const mostCharacters = 4 * 1024 * 1024;

/**
 * Lines of one run of one container. A position is exact: lines of its very time are told apart by their number, so that
 * none comes twice and none is left out. Errors: `ClusterUnavailable`, and refusals other than that there is no log.
 */
export async function readContainerLog(cluster: Cluster, asked: LogAsked): Promise<LogFound> {
  const byTail = asked.take === "newest" && asked.until === undefined;
  const { found, is_of_one_time } = await read(cluster, asked, byTail);
  // Of how many lines of one time these are the last, only the whole log tells.
  return byTail && is_of_one_time ? (await read(cluster, asked, false)).found : found;
}

async function read(cluster: Cluster, asked: LogAsked, byTail: boolean): Promise<Pick<KeptLines, "found" | "is_of_one_time">> {
  const kept = new KeptLines(asked);
  const start = asked.take === "newest" ? asked.since : timeOf(asked.take.after);
  const options = {
    container: asked.container_name,
    previous: asked.previous,
    timestamps: true,
    ...(start !== undefined && { since_time: new Date(start).toISOString() }),
    // Which lines are the newest before `until`, the node does not know. One more tells whether it is of the same time.
    ...(byTail && { tail_lines: asked.most + 1 }),
  };
  try {
    for await (const some of lines(cluster.streamLog(asked.namespace, asked.instance, options), asked.has_ended)) {
      if (!some.every((line) => kept.add(line))) break;
    }
  } catch (error) {
    if (error instanceof KubernetesError && (error.code === 404 || error.code === 400))
      return { found: { lost: error.message }, is_of_one_time: false };
    throw error;
  }
  return kept;
}

const timeOf = (position: LogPosition | null): number | undefined => (position ? Date.parse(`${position.time.slice(0, 19)}Z`) : undefined);

/** Whole lines, as many as come at once; what has no line end yet is given only when nothing can follow it. */
async function* lines(pieces: AsyncIterable<string>, hasEnded: boolean): AsyncGenerator<string[]> {
  let rest = "";
  for await (const piece of pieces) {
    const parts = (rest + piece).split("\n");
    rest = (parts.pop() as string).slice(0, 2 * longestLine);
    yield parts;
  }
  if (hasEnded && rest !== "") yield [rest];
}

class KeptLines {
  readonly #asked: LogAsked;
  readonly #lines: TimedLine[] = [];
  #characters = 0;
  #skipped = 0;
  #ofLastTime = 0;
  #lost: string | undefined;
  #count = 0;
  #first: string | undefined;

  constructor(asked: LogAsked) {
    this.#asked = asked;
  }

  get found(): LogFound {
    return this.#lost === undefined ? { lines: this.#lines, of_last_time: this.#ofLastTime } : { lost: this.#lost };
  }

  /** More lines than were asked for were read, and none has another time than the last. */
  get is_of_one_time(): boolean {
    return this.#count > this.#asked.most && this.#first === this.#lines.at(-1)?.time;
  }

  /** False when there is enough. */
  add(text: string): boolean {
    const line = this.#read(text);
    if (!line) return this.#lost === undefined;
    this.#count += 1;
    this.#first ??= line.time;
    if (this.#isOutside(line)) return true;
    this.#ofLastTime = line.time === this.#lines.at(-1)?.time ? this.#ofLastTime + 1 : 1;
    this.#lines.push(line);
    this.#characters += line.message.length;
    if (this.#asked.take !== "newest") return this.#lines.length <= this.#asked.most && this.#characters < mostCharacters;
    while (this.#lines.length > this.#asked.most || (this.#characters > mostCharacters && this.#lines.length > 1)) {
      this.#characters -= this.#lines.shift()?.message.length ?? 0;
    }
    return true;
  }

  /** `time text`. A node that has no log says so in its place, without a time. */
  #read(text: string): TimedLine | undefined {
    const blank = text.indexOf(" ");
    const time = exactTime(blank < 0 ? text : text.slice(0, blank));
    const last = this.#lines.at(-1)?.time;
    if (time === undefined && last === undefined && this.#skipped === 0) {
      this.#lost = text.slice(0, 500);
      return undefined;
    }
    const message = time === undefined ? text : blank < 0 ? "" : text.slice(blank + 1);
    return { time: time ?? last ?? "", message: shortened(message) };
  }

  #isOutside({ time }: TimedLine): boolean {
    const { take, since, until } = this.#asked;
    if (take !== "newest" && take.after && time <= take.after.time) {
      if (time < take.after.time) return true;
      this.#skipped += 1;
      if (this.#skipped <= take.after.count) return true;
    }
    if (since === undefined && until === undefined) return false;
    const at = Date.parse(`${time.slice(0, 23)}Z`);
    return (since !== undefined && at < since) || (until !== undefined && at > until);
  }
}

const shortened = (message: string): string =>
  message.length <= longestLine
    ? message
    : `${message.slice(0, longestLine)}… (cut: longer than ${longestLine} characters; an export has the whole line)`;
