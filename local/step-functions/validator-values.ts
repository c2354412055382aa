import { isExpression } from "./expressions.ts";

export type Fields = Record<string, unknown>;
type Refuse = (problem: string) => void;

/** What a field that is no expression may say, and the words for it. */
interface Value {
  is(value: unknown): boolean;
  words: string;
}

const LONGEST_SECONDS = 99_999_999;
const whole = (least: number, most: number): Value => ({
  is: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  words: `an integer from ${least} to ${most}`,
});
const oneOf = (...allowed: string[]): Value => ({
  is: (value) => allowed.includes(value as string),
  words: allowed.map((word) => JSON.stringify(word)).join(" or "),
});

export const machineValues: Record<string, Value> = { Version: oneOf("1.0"), TimeoutSeconds: whole(1, LONGEST_SECONDS) };
export const stateValues: Record<string, Value> = {
  Seconds: whole(0, LONGEST_SECONDS),
  TimeoutSeconds: whole(1, LONGEST_SECONDS),
  HeartbeatSeconds: whole(1, LONGEST_SECONDS),
  MaxConcurrency: whole(0, LONGEST_SECONDS),
};
const errorEquals: Value = {
  is: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string"),
  words: "a list of at least one error name",
};
const retrierValues: Record<string, Value> = {
  ErrorEquals: errorEquals,
  IntervalSeconds: whole(1, LONGEST_SECONDS),
  MaxAttempts: whole(0, LONGEST_SECONDS),
  BackoffRate: { is: (value) => typeof value === "number" && value >= 1, words: "a number of at least 1" },
  MaxDelaySeconds: whole(1, 31_622_399),
  JitterStrategy: oneOf("FULL", "NONE"),
};
const catcherValues: Record<string, Value> = { ErrorEquals: errorEquals };

const retrierFields = ["Comment", ...Object.keys(retrierValues)];
const catcherFields = ["Comment", "ErrorEquals", "Next", "Output", "Assign"];

/** Refuses values that the language does not allow where they are written down; expressions are judged when they have one. */
export function checkValues(fields: Fields, values: Record<string, Value>, refuse: Refuse, within = ""): void {
  for (const [field, { is, words }] of Object.entries(values)) {
    const value = fields[field];
    if (value === undefined || isExpression(value) || is(value)) continue;
    refuse(`field ${within}${field}: must be ${words}, not ${JSON.stringify(value)}`);
  }
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = fields;
  if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout)
    refuse(`field HeartbeatSeconds: must be less than TimeoutSeconds (${timeout}), not ${heartbeat}`);
}

/** Retriers and catchers. */
export function checkRecovery(state: Fields, refuse: Refuse): void {
  const kinds = [["Retry", retrierFields, retrierValues] as const, ["Catch", catcherFields, catcherValues] as const];
  for (const [field, allowed, values] of kinds) {
    const entries = listOf(state[field]);
    entries.forEach((entry, index) => {
      for (const unknown of unknownFields(entry, allowed)) refuse(`field ${field}: ${unknown} is not supported`);
      checkValues(entry, values, refuse, `${field}[${index}]/`);
      const names = Array.isArray(entry.ErrorEquals) ? entry.ErrorEquals : [];
      if (names.includes("States.ALL") && (names.length > 1 || index < entries.length - 1))
        refuse(`field ${field}: States.ALL must stand alone, and last`);
    });
  }
}

export const unknownFields = (fields: Fields, known: readonly string[]): string[] =>
  Object.keys(fields).filter((field) => !known.includes(field));
export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value : []);
