import type { Json, JsonObject } from "./definition.ts";
import { StateFailure } from "./errors.ts";

/** Bytes of a state's input, output, task result, one Assign and one variable. */
export const PAYLOAD_LIMIT = 262_144;
/** Bytes of all variables of one execution. */
const VARIABLES_LIMIT = 10 * 1024 * 1024;
/** Events of one execution's history. */
export const HISTORY_LIMIT = 25_000;

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

/** `task`: what returned it, as the service's message names it. */
export function refuseLarge(value: Json, task: string): void {
  if (bytesOf(value) > PAYLOAD_LIMIT)
    throw tooLarge(`The state/task '${task}' returned a result with a size exceeding the maximum number of bytes service limit.`);
}

export function refuseLargeVariables(state: string, assigned: JsonObject, all: JsonObject): void {
  const size = bytesOf(assigned);
  if (size > PAYLOAD_LIMIT) throw tooLarge(`The Assign of the state '${state}' has ${size} bytes; at most ${PAYLOAD_LIMIT} are allowed.`);
  if (bytesOf(all) > VARIABLES_LIMIT)
    throw tooLarge(`With the Assign of the state '${state}' the variables exceed ${VARIABLES_LIMIT} bytes.`);
}

const tooLarge = (cause: string) => new StateFailure("States.DataLimitExceeded", cause);
