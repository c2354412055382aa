import { runtimeOf } from "./catalogue/runtimes.ts";
import type { ModelVersion } from "./model.ts";
import type { PromotionPolicy, PromotionStageName } from "./promotion-policy.ts";

/** What a stage's deployment is made of, from the policy and the version that goes there. */

type Fields = Record<string, unknown>;
type Deployable = Pick<ModelVersion, "group" | "name" | "version" | "runtime" | "framework">;

/** The policy of a model that nobody has decided about: its versions go nowhere by themselves. */
export function defaultPolicy(model: string): PromotionPolicy {
  return {
    automatic: "none",
    ...defaultTargets(model),
    smoke_tests: null,
    gate: "approval",
    soak_seconds: 0,
    approval: { least_role: "admin", approvers: [], expires_seconds: 3 * 86_400, four_eyes: true },
    freeze_windows: [],
    in_flight: "supersede",
    staging_afterwards: "stop",
  };
}

export function defaultTargets(model: string): Pick<PromotionPolicy, "staging" | "production"> {
  return {
    staging: { deployment_id: `${model}-staging`, specification: {} },
    production: { deployment_id: model, specification: {} },
  };
}

/** Why a deployment that exists is not a stage's to change; undefined when it is. */
export function notTheStages(
  { id, group, environment }: { id: string; group: string; environment: string },
  model: { group: string },
  stage: PromotionStageName,
): string | undefined {
  if (group === model.group && environment === stage) return undefined;
  return `the deployment ${id} belongs to another group or environment: name another in the promotion-policy`;
}

/** The body of the create that makes the deployment of a stage. */
export function stageBody(version: Deployable, policy: PromotionPolicy, stage: PromotionStageName, update_message: string): Fields {
  const { deployment_id, specification } = policy[stage];
  const predictor = (specification.predictor ?? {}) as Fields;
  return {
    name: deployment_id,
    ...specification,
    ...monitored(stage),
    ...(policy.smoke_tests && { smoke_tests: policy.smoke_tests }),
    group: version.group,
    id: deployment_id,
    environment: stage,
    update_message,
    predictor: { runtime: runtimeOf(version), ...predictor, model: { name: version.name, version: version.version } },
  };
}

/** What is patched of a deployment that exists: the version, and what the policy says of every version. */
export function stagePatch(version: Deployable, policy: PromotionPolicy, stage: PromotionStageName, update_message: string): Fields {
  return {
    update_message,
    ...monitored(stage),
    ...(policy.smoke_tests && { smoke_tests: policy.smoke_tests }),
    predictor: {
      ...(version.runtime !== null && { runtime: version.runtime }),
      image: null,
      model: { name: version.name, version: version.version },
      model_uri: null,
    },
  };
}

/** Nothing is promoted to production that nobody watches. */
const monitored = (stage: PromotionStageName): Fields => (stage === "production" ? { enable_monitoring: true } : {});
