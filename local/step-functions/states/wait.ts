import type { Json, WaitState } from "../definition.ts";
import type { Departure, Visit } from "../visit.ts";

const isText = (value: Json): value is string => typeof value === "string";
/** ISO 8601 extended with offset, in the profile of RFC 3339. */
const timestamp = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** A day that is not in the calendar is no time, though Date.parse takes it for one of the next month. */
export function isTimestamp(text: string): boolean {
  const day = timestamp.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** The end is written down before waiting, so that a restart does not wait anew. */
export async function visitWait(visit: Visit, state: WaitState): Promise<Departure> {
  const { run, scope } = visit;
  if (scope.pending?.kind !== "wait") {
    scope.pending = { kind: "wait", until: await endOf(visit, state) };
    visit.record([]);
  }
  await run.host.options.clock.sleepUntil(scope.pending.until, visit.frame.signal);
  return visit.depart(state, scope.input);
}

async function endOf(visit: Visit, state: WaitState): Promise<number> {
  const from = visit.scope.entered_at ?? visit.run.now();
  if (state.Timestamp === undefined) return from + (await visit.evaluateSeconds(state.Seconds ?? 0, "Seconds", 0)) * 1000;
  const text = await visit.evaluateAs(state.Timestamp, "Timestamp", "string", isText);
  if (isTimestamp(text)) return Date.parse(text);
  throw visit.evaluationFailure(
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    "Timestamp",
  );
}
