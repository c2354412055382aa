import type { Origin, Script } from "./path.ts";
import { policies, predictor, update, whole } from "./scripts.ts";

/** How the places come to be that paths begin at. */
export const origins: Record<Exclude<Origin, "nothing">, { from: Origin; script: Script }> = {
  serving: { from: "nothing", script: whole((client) => client.create()) },
  warm: { from: "serving", script: whole((client) => client.update(update({ ...policies.warm, warm_seconds: 180 }))) },
  third: {
    from: "warm",
    script: whole((client) => client.update({ ...update({ ...policies.warm, warm_seconds: 180 }), ...predictor("most") })),
  },
};
