import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { LogQuery } from "../api/node-access.ts";

export type LogStream = "stdout" | "stderr";
/** `is_whole` false: a piece of a line that goes on. */
type OnRecord = (record: { time: string; stream: LogStream; line: string; is_whole: boolean }) => void;

const longestRecord = 16 * 1024;
/** As the kubelet rotates: readers see the newest file only. */
const largestFile = 10 * 1024 * 1024;

/**
 * The log of one run of a container, in the form of the container runtime interface: `time stream F|P text`.
 * P marks a piece of a line that goes on.
 */
export class ContainerLog {
  readonly #file: string;
  readonly #onLine: OnRecord;
  readonly #partial: Record<LogStream, { text: string; decoder: StringDecoder }> = {
    stdout: { text: "", decoder: new StringDecoder() },
    stderr: { text: "", decoder: new StringDecoder() },
  };
  readonly #followers = new Set<(record: string | undefined) => void>();
  #descriptor: number | undefined;
  #size = 0;
  #last = 0n;

  constructor(file: string, onLine: OnRecord) {
    this.#file = file;
    this.#onLine = onLine;
    mkdirSync(dirname(file), { recursive: true });
    this.#descriptor = openSync(file, "a");
  }

  append(stream: LogStream, chunk: Buffer): void {
    const partial = this.#partial[stream];
    const lines = (partial.text + partial.decoder.write(chunk)).split("\n");
    partial.text = lines.pop() as string;
    for (const line of lines) this.#write(stream, "F", line);
    while (partial.text.length > longestRecord) {
      this.#write(stream, "P", partial.text.slice(0, longestRecord));
      partial.text = partial.text.slice(longestRecord);
    }
  }

  /** Writes what had no line end yet. */
  close(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#partial[stream].text) this.#write(stream, "F", this.#partial[stream].text);
      this.#partial[stream].text = "";
    }
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    for (const follower of this.#followers) follower(undefined);
    this.#followers.clear();
  }

  read(query: LogQuery): Readable {
    const text = readLogFile(this.#file, query);
    if (!query.follow || this.#descriptor === undefined) return Readable.from([text]);
    return this.#follow(text, query);
  }

  tail(lines: number): string {
    return readLogFile(this.#file, { tailLines: lines, timestamps: false });
  }

  #follow(text: string, query: LogQuery): Readable {
    const output = new PassThrough();
    output.write(text);
    let before: string | undefined;
    const follower = (record: string | undefined) => {
      if (record === undefined) output.end();
      else output.write(textOf(record, query.timestamps && !goesOn(before)));
      before = record;
    };
    this.#followers.add(follower);
    output.on("close", () => this.#followers.delete(follower));
    return output;
  }

  #write(stream: LogStream, tag: "F" | "P", text: string): void {
    if (this.#descriptor === undefined) return;
    const time = this.#now();
    const record = `${time} ${stream} ${tag} ${text}`;
    if (this.#size > largestFile) this.#rotate();
    this.#size += writeSync(this.#descriptor, `${record}\n`);
    this.#onLine({ time, stream, line: text, is_whole: tag === "F" });
    for (const follower of this.#followers) follower(record);
  }

  /** To the nanosecond, and no two records of a log have the same. */
  #now(): string {
    const now = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    const seconds = new Date(Number(this.#last / 1_000_000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(this.#last % 1_000_000_000n).padStart(9, "0")}Z`;
  }

  #rotate(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    renameSync(this.#file, `${this.#file}.1`);
    this.#descriptor = openSync(this.#file, "a");
    this.#size = 0;
  }
}

/** Each run of a container has a file of its own. */
export function logFile(folder: string, podUid: string, container: string, restartCount: number): string {
  return join(folder, podUid, "logs", container, `${restartCount}.log`);
}

/** The text of a log file as `kubectl logs` would print it. */
export function readLogFile(file: string, query: Pick<LogQuery, "since" | "tailLines" | "limitBytes" | "timestamps">): string {
  if (!existsSync(file)) return "";
  const records = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const recent = query.since === undefined ? records : records.filter((record) => Date.parse(timeOf(record)) >= (query.since as number));
  const tail = query.tailLines === undefined ? recent : lastLines(recent, query.tailLines);
  const text = tail.map((record, index) => textOf(record, query.timestamps && !goesOn(tail[index - 1]))).join("");
  return query.limitBytes === undefined ? text : Buffer.from(text).subarray(0, query.limitBytes).toString();
}

/** A line that comes in pieces has the time of its first. */
const goesOn = (before: string | undefined): boolean => before !== undefined && /^\S+ \S+ P/.test(before);

function timeOf(record: string): string {
  return record.slice(0, record.indexOf(" "));
}

function textOf(record: string, timestamps: boolean): string {
  const [time = "", , tag = ""] = record.split(" ", 3);
  const text = record.split(" ").slice(3).join(" ");
  return `${timestamps ? `${time} ` : ""}${text}${tag === "F" ? "\n" : ""}`;
}

function lastLines(records: string[], count: number): string[] {
  if (count === 0) return [];
  let lines = 0;
  let start = records.length;
  while (start > 0) {
    if (/^\S+ \S+ F/.test(records[start - 1] as string)) lines += 1;
    if (lines > count) break;
    start -= 1;
  }
  return records.slice(start);
}
