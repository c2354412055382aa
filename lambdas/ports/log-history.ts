import type { Component } from "../../domain/words.ts";

/** What containers have written, kept by CloudWatch Logs in the form of Container Insights. */
export interface LogHistory {
  /** Begins a search; gives its id. Errors: `NoLogs` when nothing was ever collected of the cluster; `LogsThrottled`. */
  begin(search: LogSearch): Promise<string>;
  results(searchId: string): Promise<SearchResults>;
  /** All lines of a place and time, oldest first, as CloudWatch Logs gives them: some at a time, and none for a while. */
  all(place: LogPlace, containerName: string | undefined): AsyncIterable<KeptLine[]>;
  /** One that has ended is no error. */
  stop(searchId: string): Promise<void>;
}

export interface LogSearch extends LogPlace {
  container_name?: string | undefined;
  /** Text that a line holds, upper or lower case. */
  text?: string | undefined;
  order: "asc" | "desc";
  limit: number;
}

/** Whose lines, and when they were written. */
export interface LogPlace {
  cluster: string;
  namespace: string;
  deployment: { id: string; uid: string };
  component?: Component | undefined;
  /** null: all. */
  revisions: number[] | null;
  instance?: string | undefined;
  /** Milliseconds, both included. */
  from: number;
  until: number;
}

export interface SearchResults {
  state: "running" | "complete" | "stopped" | "failed";
  lines: KeptLine[];
}
export interface KeptLine {
  /** Milliseconds. */
  at: number;
  /** To the nanosecond where it is known: tells lines of one millisecond apart. */
  time: string;
  instance: string;
  container_name: string;
  message: string;
}

/** Nothing was collected: there is no such log group. */
export class NoLogs extends Error {
  readonly group: string;
  constructor(group: string) {
    super(`there is no log group ${group}`);
    this.name = "NoLogs";
    this.group = group;
  }
}

/** CloudWatch Logs has too much to do, also after several attempts. */
export class LogsThrottled extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LogsThrottled";
  }
}
