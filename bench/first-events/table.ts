import type { FunctionName } from "../../lambdas/runtime/settings.ts";
import { promotionEvents } from "./promotions.ts";
import { readingEvents } from "./readings.ts";
import { endingEvents, rolloutEvents } from "./rollouts.ts";
import type { FirstEvent } from "./round.ts";

/** What each function is measured with, in the order in which they are called: something that it has real work with. */
export const firstEvents: Readonly<Record<FunctionName, FirstEvent>> = {
  ...promotionEvents,
  ...rolloutEvents,
  ...readingEvents,
  ...endingEvents,
};
