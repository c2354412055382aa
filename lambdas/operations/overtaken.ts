import { Problem, WorkflowError } from "../../domain/errors.ts";
import { RecordConflict } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";

const attempts = 5;

/**
 * Loads, decides and saves once more when another request was faster: decided anew upon what that one left, the answer
 * is either an effect or the true reason against it. Other conflicts (id, idempotency) are the caller's.
 */
export async function againWhenOvertaken<T>(clock: Clock, loadDecideSave: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await loadDecideSave();
    } catch (error) {
      const overtaken = error instanceof RecordConflict && error.what === "version";
      if (!overtaken) throw error;
      if (attempt === attempts)
        throw new Problem("version-moved", `${error.message}, ${attempts} times in a row. Read it again and repeat the request`);
      await clock.sleep(20 * 2 ** attempt * Math.random());
    }
  }
}

/** The operation ended while we were about to end it, or to speak to it: what it left is decided upon anew. */
export async function overtakenWhenStale<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof WorkflowError && error.name === "StaleEpoch") throw new RecordConflict("version", error.message);
    throw error;
  }
}
