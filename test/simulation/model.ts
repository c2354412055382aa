import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import { defaultPolicy } from "../../domain/promotion-target.ts";
import type { World } from "./world.ts";

export const model = { group: "fraud", name: "card" };
export const staging = "card-staging";
export const production = "card";
const key = `${model.group}/${model.name}`;

const specification = {
  access: "public",
  predictor: { scaling_config: { min_replicas: 1, max_replicas: 4 } },
  smoke_tests: [{ name: "known-card", method: "POST", path: "/v2/models/card/infer", body: {}, expect: { status: 200 } }],
  rollout: { deadline_seconds: 300, drain_seconds: 0, warm_seconds: 0 },
};

/** The model of a world, unless it has it from where it began; its versions go by the policy from now on. */
export function registerModel({ record, promotions, time }: World, policy: Partial<PromotionPolicy>): void {
  const at = new Date(time.now()).toISOString();
  record.groupNames.add(model.group);
  if (!record.models_.has(key))
    record.models_.set(key, { ...model, description: "", latest_version: 0, created_at: at, created_by: "ada@example.com" });
  const targets = {
    staging: { deployment_id: staging, specification },
    production: {
      deployment_id: production,
      specification: { ...specification, rollout: { ...specification.rollout, final_bake_seconds: 4 } },
    },
  };
  const whole = { ...defaultPolicy(model.name), automatic: "production" as const, ...targets, ...policy };
  promotions.policies.set(key, { ...whole, updated_at: at, updated_by: "root@example.com" });
}
