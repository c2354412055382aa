import * as z from "zod";
import { at, component, count, strict, text } from "./words.ts";

const logLine = strict({
  at,
  instance: text,
  component,
  container_name: text,
  /** null where the name of what wrote it tells none. */
  revision: count.nullable(),
  message: text,
});
/** What became of one container's log: `read`, or why there is none. */
const logSource = strict({
  instance: text,
  component,
  container_name: text.nullable(),
  revision: count.nullable(),
  state: z.enum(["read", "creating", "gone", "lost", "none", "cut"]),
  message: text,
});
const transientPage = strict({
  source: z.literal("transient"),
  /** In order of time, as `sort` asks. */
  items: z.array(logLine),
  /** Every container that was looked at. */
  instances: z.array(logSource),
  /** Goes on after the last line of this page, without losing or repeating one. */
  next_cursor: text,
});
const historicalPage = strict({
  source: z.literal("historical"),
  items: z.array(logLine),
  instances: z.array(logSource),
  /** The time that was searched. */
  since: at,
  until: at,
  /** Why nothing could be found. */
  note: text.nullable(),
  /** Absent when there is no more. */
  next_cursor: text.optional(),
});
export const logPage = z.discriminatedUnion("source", [transientPage, historicalPage]);
export const logExport = strict({
  id: text,
  status: z.enum(["RUNNING", "SUCCEEDED", "FAILED"]),
  started_at: at,
  ended_at: at.nullable(),
  lines: count,
  bytes: count,
  /** Why it failed; empty otherwise. */
  message: text,
  /** Of the file, without sign-in; null until it is there. */
  url: text.nullable(),
  expires_at: at.nullable(),
});
