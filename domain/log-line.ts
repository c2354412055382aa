import type { Component } from "./words.ts";

/** One line that a container wrote. */
export interface LogLine {
  /** By the clock of the node that it was written on; milliseconds. */
  at: string;
  instance: string;
  component: Component;
  container_name: string;
  /** null where the name of what wrote it tells none. */
  revision: number | null;
  /** As it was written, bytes that are no UTF-8 replaced by U+FFFD. */
  message: string;
}

/** How far a container's log was read: the time of the last line, and how many lines of that very time were read. */
export interface LogPosition {
  /** As `exactTime` gives it. */
  time: string;
  count: number;
}

const exactGrammar = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const timeGrammar = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/**
 * A time with all its nanoseconds, in UTC and of one length, so that text compares as time does. Container runtimes write
 * fractions of any length, and some the offset of their node. undefined when it is no time.
 */
export function exactTime(text: string): string | undefined {
  if (exactGrammar.test(text)) return text;
  const [, seconds, fraction = "", zone] = timeGrammar.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const utc = zone === "Z" ? seconds : new Date(Date.parse(`${seconds}${zone}`)).toISOString().slice(0, 19);
  return `${utc}.${fraction.padEnd(9, "0")}Z`;
}

/** RFC 3339 with milliseconds. */
export const lineTime = (exact: string): string => `${exact.slice(0, 23)}Z`;

/** Sequences of ECMA-48 that colour a terminal or drive it, and what else is no text: a log must not act on who reads it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/** What each sequence begins with is one of them; hardly a line has any. */
const control = new RegExp(controls.source);

/** A line as a terminal may show it. */
export const plainText = (message: string): string =>
  control.test(message) ? message.replace(escapes, "").replace(controls, "") : message;
