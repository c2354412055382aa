import { invalidInput } from "../../contract/parse.ts";
import { type PromotionPolicyBody, stageSpecification } from "../../contract/promotions.ts";
import type { InputError } from "../../domain/errors.ts";
import { type FreezeWindow, type PromotionPolicy, promotionStages } from "../../domain/promotion-policy.ts";
import { defaultTargets, stageBody } from "../../domain/promotion-target.ts";
import type { PromotionStore, StoredPolicy } from "../ports/promotions.ts";
import { type Caller, requireRole } from "./caller.ts";
import { type Reading, timestamp } from "./installation.ts";
import { asDecided, type PolicyAnswer } from "./promotion-policy.ts";
import { getModel } from "./read-models.ts";

type Ports = Reading & { promotions: PromotionStore };

/** Refused whole when a deployment that it names could not be made as it says. */
export async function putPromotionPolicy(
  ports: Ports,
  caller: Caller,
  { group, name }: { group: string; name: string },
  body: PromotionPolicyBody,
): Promise<PolicyAnswer> {
  await getModel(ports, caller, group, name);
  requireRole(caller, group, "admin");
  const defaults = defaultTargets(name);
  const withdrawn = body.smoke_tests ? undefined : await sentUntilNow(ports, group, name);
  const policy: StoredPolicy = {
    ...body,
    freeze_windows: body.freeze_windows as FreezeWindow[],
    staging: { ...body.staging, deployment_id: body.staging.deployment_id ?? defaults.staging.deployment_id },
    production: { ...body.production, deployment_id: body.production.deployment_id ?? defaults.production.deployment_id },
    updated_at: timestamp(ports.clock),
    updated_by: caller.actor,
    ...(withdrawn && { withdrawn_smoke_tests: withdrawn }),
  };
  const errors = targetErrors(policy, group, name);
  if (errors.length > 0) throw invalidInput("body", errors);
  await ports.promotions.putPolicy(group, name, policy);
  return asDecided(policy);
}

/** What policies have sent last. */
async function sentUntilNow({ promotions }: Ports, group: string, name: string): Promise<unknown[] | undefined> {
  const before = await promotions.policy(group, name);
  return before?.smoke_tests ?? before?.withdrawn_smoke_tests;
}

/** Of a version that there could be; the runtime of a real one is its own affair. */
function targetErrors(policy: PromotionPolicy, group: string, name: string): InputError[] {
  if (policy.staging.deployment_id === policy.production.deployment_id)
    return [{ path: "production.deployment_id", message: "another deployment than staging's", given: policy.production.deployment_id }];
  if (policy.production.specification.enable_monitoring === false)
    return [
      { path: "production.specification.enable_monitoring", message: "production is monitored: leave it out or give true", given: false },
    ];
  return promotionStages.flatMap((stage) => {
    const { specification } = policy[stage];
    const fixed = ["group", "id", "environment", "start"].filter((field) => field in specification);
    if (fixed.length > 0)
      return fixed.map((field) => ({ path: `${stage}.specification.${field}`, message: "is given by the stage: leave it out" }));
    // A deployment that exists keeps what it has: without a word about how to make one, none has to be makeable.
    if (Object.keys(specification).length === 0) return [];
    const version = { group, name, version: 1, runtime: "onnx", framework: null };
    const given = stageSpecification(stageBody(version, policy, stage, ""));
    if (given.success) return [];
    return given.error.issues.map(({ path, message }) => ({ path: `${stage}.specification.${path.map(String).join(".")}`, message }));
  });
}
