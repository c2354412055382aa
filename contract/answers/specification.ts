import * as z from "zod";
import { jsonTypes } from "../../domain/specification.ts";
import { count, strict, text } from "./words.ts";

const scaling = strict({ min_replicas: count, max_replicas: count, target_cpu_utilization: count, cooldown_period: count });
/** A secret is named; its value never comes back. */
const variable = z.union([
  strict({ name: text, value: text, secret: z.literal(false).optional() }),
  strict({ name: text, secret: z.literal(true) }),
]);
const workload = {
  runtime: text.nullable(),
  image: text.nullable(),
  image_pull_secret: text.nullable(),
  instance_type: text,
  scaling_config: scaling,
  env: z.array(variable),
  metrics: strict({ path: text, names: z.array(text), port: count.optional() }).optional(),
  script: text.optional(),
  script_uri: text.optional(),
};
const predictor = strict({
  ...workload,
  model: strict({ name: text, version: count }).nullable(),
  model_uri: text.nullable(),
});
const autoRollback = strict({
  error_rate_percent: z.number().nullable(),
  latency_p95_ms: count.nullable(),
  min_requests: count,
  alarms: z.array(text),
});
const rollout = strict({
  strategy: z.enum(["all_at_once", "canary", "linear", "recreate"]),
  percent: count.optional(),
  step_percent: count.optional(),
  bake_seconds: count.optional(),
  final_bake_seconds: count,
  drain_seconds: count,
  warm_seconds: count,
  deadline_seconds: count,
  manual_promotion: z.boolean(),
  auto_rollback: autoRollback.nullable(),
});
export const smokeTest = strict({
  name: text,
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  path: text,
  headers: z.record(text, text).optional(),
  body: z.unknown().optional(),
  expect: strict({
    status: count,
    json: z.record(text, z.unknown()).optional(),
    fields: z
      .array(
        strict({
          path: text,
          equals: z.unknown().optional(),
          type: z.enum(jsonTypes).optional(),
          min: z.number().optional(),
          max: z.number().optional(),
        }),
      )
      .optional(),
    max_latency_ms: count.optional(),
  }),
});
export const specification = strict({
  group: text,
  name: text,
  id: text,
  environment: text,
  description: text,
  update_message: text,
  predictor,
  transformer: strict(workload).nullable(),
  metadata: z.record(text, text),
  access: z.enum(["public", "private"]),
  enable_monitoring: z.boolean(),
  rollout,
  smoke_tests: z.array(smokeTest),
});
