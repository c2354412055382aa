import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import type { Origin, Script } from "./path.ts";
import { reported } from "./promotion-scripts.ts";
import { policies, predictor, update, whole } from "./scripts.ts";

interface Made {
  from: Origin;
  script: Script;
  policy?: Partial<PromotionPolicy>;
}

/** How the places come to be that paths begin at. */
export const origins: Record<Exclude<Origin, "nothing">, Made> = {
  serving: { from: "nothing", script: whole((client) => client.create()) },
  warm: { from: "serving", script: whole((client) => client.update(update({ ...policies.warm, warm_seconds: 180 }))) },
  third: {
    from: "warm",
    script: whole((client) => client.update({ ...update({ ...policies.warm, warm_seconds: 180 }), ...predictor("most") })),
  },
  promoted: { from: "nothing", script: reported(1), policy: { gate: "auto" } },
};
