import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import { defaultPolicy } from "../../domain/promotion-target.ts";
import type { PromotionStore } from "../ports/promotions.ts";
import type { Caller } from "./caller.ts";
import type { Reading } from "./installation.ts";
import { getModel } from "./read-models.ts";

type Ports = Reading & { promotions: PromotionStore };
export type PolicyAnswer = PromotionPolicy & { updated_at: string | null; updated_by: string | null };

export async function getPromotionPolicy(ports: Ports, caller: Caller, group: string, name: string): Promise<PolicyAnswer> {
  await getModel(ports, caller, group, name);
  return asDecided(await policyOf(ports, group, name));
}

/** As somebody has put it. */
export function asDecided({ withdrawn_smoke_tests: _, ...policy }: PolicyAnswer): PolicyAnswer {
  return policy;
}

/** What holds for a model: what somebody decided, else that nothing goes anywhere by itself. */
export async function policyOf({ promotions }: Pick<Ports, "promotions">, group: string, name: string): Promise<PolicyAnswer> {
  return (await promotions.policy(group, name)) ?? { ...defaultPolicy(name), updated_at: null, updated_by: null };
}
