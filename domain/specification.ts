/**
 * What a revision freezes, after defaults are filled in. Field names are the wire's; `contract/` validates what
 * comes in and produces exactly this shape.
 */
export interface Specification {
  group: string;
  name: string;
  id: string;
  environment: string;
  description: string;
  update_message: string;
  predictor: PredictorSpecification;
  transformer: ComponentSpecification | null;
  metadata: Record<string, string>;
  access: "public" | "private";
  enable_monitoring: boolean;
  rollout: RolloutPolicy;
  smoke_tests: SmokeTest[];
}

/** Access is the deployment's own: to go back to what a revision ran is not to go back to whom it answered. */
export const withAccess = (specification: Specification, { access }: Pick<Specification, "access">): Specification => ({
  ...specification,
  access,
});

/** A `runtime` comes with `model` or `model_uri`, or with the `script_uri` of a script that needs no model. */
export interface PredictorSpecification extends ComponentSpecification {
  model: { name: string; version: number } | null;
  /** Given by the person, or taken from the model version when `model` is given: where the artifact is. */
  model_uri: string | null;
}

/** Exactly one of `runtime` and `image` is set; a transformer's runtime is one that runs scripts. */
export interface ComponentSpecification {
  runtime: string | null;
  image: string | null;
  /** Path of a script below `script_uri`, or below the model's artifact; missing: by the runtime's custom. */
  script?: string | undefined;
  /** Where the script's files are, when they do not lie beside the model. */
  script_uri?: string | undefined;
  image_pull_secret: string | null;
  instance_type: string;
  scaling_config: ScalingConfig;
  env: EnvVariable[];
  /** Where an image of one's own says whether it is live and ready; missing: as the Open Inference Protocol has it. */
  health?: { live: string; ready: string } | undefined;
  /** What the server tells of itself and is kept; missing: by the runtime's custom. */
  metrics?: { path: string; names: string[]; port?: number | undefined } | undefined;
}

export interface ScalingConfig {
  min_replicas: number;
  max_replicas: number;
  /** Percent of the requested CPU. */
  target_cpu_utilization: number;
  /** Seconds of calm before scaling down. */
  cooldown_period: number;
}

/** A secret's value never reaches the record: `value` is absent and the value lives in the secrets table. */
export type EnvVariable = { name: string; value: string; secret?: false } | { name: string; secret: true };

export interface RolloutPolicy {
  strategy: "all_at_once" | "canary" | "linear" | "recreate";
  percent?: number;
  step_percent?: number;
  bake_seconds?: number;
  final_bake_seconds: number;
  drain_seconds: number;
  warm_seconds: number;
  deadline_seconds: number;
  manual_promotion: boolean;
  auto_rollback: { error_rate_percent: number | null; latency_p95_ms: number | null; min_requests: number; alarms: string[] } | null;
}

export interface SmokeTest {
  name: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to the model server, starting with a slash. */
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  expect: { status: number; json?: Record<string, unknown>; fields?: FieldExpectation[]; max_latency_ms?: number };
}

/** What must be at a dotted path of the answer; without anything else, that it is there. */
export interface FieldExpectation {
  path: string;
  equals?: unknown;
  type?: JsonType;
  /** Inclusive, of a number. */
  min?: number;
  max?: number;
}

export const jsonTypes = ["string", "number", "integer", "boolean", "array", "object", "null"] as const;
export type JsonType = (typeof jsonTypes)[number];
