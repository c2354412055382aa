import { Problem } from "../../domain/errors.ts";
import type { Promotion } from "../../domain/promotion.ts";
import type { PromotionWorkflow } from "../ports/promotion-workflow.ts";
import type { PromotionStore } from "../ports/promotions.ts";
import { RecordConflict } from "../ports/record.ts";
import type { Clock, Log, NewId } from "../ports/surroundings.ts";
import type { Reading } from "./installation.ts";

/** What operations on promotions work with. */
export interface Promoting extends Reading {
  promotions: PromotionStore;
  promotionWorkflow: PromotionWorkflow;
  newId: NewId;
  log: Log;
}

/** Many versions of one model may be reported at once, and all of them want its lane. */
const attempts = 30;

/** Loads, decides and saves once more when another change of the promotion or of its lane was faster. */
export async function untilUndisturbed<T>(clock: Clock, loadDecideSave: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await loadDecideSave();
    } catch (error) {
      const overtaken = error instanceof RecordConflict && ["version", "promotion"].includes(error.what);
      if (!overtaken) throw error;
      if (attempt === attempts) throw new Problem("version-moved", `${error.message}, ${attempts} times in a row. Repeat the request`);
      await clock.sleep(Math.min(400, 10 * 2 ** attempt) * Math.random());
    }
  }
}

/** What is recorded stands when its workflow cannot be started now: sync starts it. */
export async function startWhenFirst({ promotionWorkflow, log }: Promoting, id: string | null, group: string): Promise<void> {
  if (id === null) return;
  try {
    await promotionWorkflow.start(id, group);
  } catch (error) {
    log.warn(`the workflow of promotion ${id} could not be started now; sync will start it`, error as Error);
  }
}

/** An execution that cannot be stopped now ends by itself: it may write nothing any more. */
export async function stopExecution({ promotionWorkflow, log }: Promoting, { id, cause }: Promotion): Promise<void> {
  try {
    await promotionWorkflow.stop(id, cause?.message ?? "ended");
  } catch (error) {
    log.warn(`the workflow of promotion ${id} could not be stopped; it ends at its next step, which may write nothing`, error as Error);
  }
}
