import * as z from "zod";
import { instanceTypeNames } from "../domain/catalogue/instance-types.ts";
import { runtimeNames, scriptRuntimeNames } from "../domain/catalogue/runtimes.ts";
import {
  deploymentId,
  displayName,
  environmentName,
  envName,
  groupName,
  kubernetesName,
  longText,
  modelName,
  oneLineText,
  whole,
} from "./grammars.ts";
import { imageReference } from "./image-reference.ts";
import { modelUri } from "./model-uri.ts";
import { smokeTests } from "./smoke-tests.ts";
import { oneOf, strict } from "./strict.ts";

/** The fields of a deployment's specification as they come in, with every default (docs: api.md). create.ts and update.ts
 * check what spans fields and take secret values out. */

export const limits = { env: 100, envValue: 16_384, metadata: 50, replicas: 100 } as const;

const envVariable = strict({
  name: envName.refine((name) => name !== "__proto__", "a name that cannot be stored"),
  value: z
    .string()
    .max(limits.envValue, `at most ${limits.envValue} characters`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an environment cannot hold NUL
    .regex(/^[^\u0000]*$/, "no NUL character")
    .optional(),
  secret: z.boolean().default(false),
});
export type EnvInput = z.output<typeof envVariable>;

const env = z.array(envVariable).max(limits.env, `at most ${limits.env} variables`).default([]);

/** `max_replicas` follows `min_replicas` when it is not given: no scaling unless asked for. */
export const scalingConfig = strict({
  min_replicas: z
    .int()
    .min(1, "at least 1: nothing in the cluster could wake a deployment that is scaled to 0 instances")
    .max(limits.replicas, `at most ${limits.replicas}`)
    .default(1),
  max_replicas: whole(1, limits.replicas).optional(),
  target_cpu_utilization: whole(1, 100).default(60),
  cooldown_period: whole(0, 3600).default(300),
})
  .transform((config) => ({ ...config, max_replicas: config.max_replicas ?? config.min_replicas }))
  .check((context) => {
    const { min_replicas, max_replicas } = context.value;
    if (max_replicas >= min_replicas) return;
    context.issues.push({
      code: "custom",
      path: ["max_replicas"],
      message: `at least min_replicas, which is ${min_replicas}`,
      input: max_replicas,
    });
  });

/** Below its artifact's folder, and nowhere else. */
const script = z
  .string()
  .max(256, "at most 256 characters")
  .regex(
    /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/,
    "a path below the artifact: letters, digits, '-', '_', '.' and '/', without a leading slash and without '..'",
  );

const image = imageReference.nullable().default(null);
const component = {
  script: script.optional(),
  script_uri: modelUri.optional(),
  image_pull_secret: kubernetesName.nullable().default(null),
  instance_type: oneOf(instanceTypeNames, "instance type").default("cpu.small"),
  scaling_config: scalingConfig.prefault({}),
  env,
};

export const predictor = strict({
  runtime: oneOf(runtimeNames, "runtime").nullable().default(null),
  image,
  model: strict({ name: modelName, version: whole(1, 999_999) })
    .nullable()
    .default(null),
  model_uri: modelUri.nullable().default(null),
  ...component,
});
export type PredictorInput = z.output<typeof predictor>;

export const transformer = strict({
  runtime: oneOf(scriptRuntimeNames, "runtime of a transformer").nullable().default(null),
  image,
  ...component,
});
export type TransformerInput = z.output<typeof transformer>;

const metadataKey = z
  .string()
  .min(1, "a key is needed")
  .max(63, "at most 63 characters")
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?$/, "letters, digits and '-', '_', '.', '/' between them");
export const metadata = z
  .record(metadataKey, oneLineText(256))
  .refine((entries) => Object.keys(entries).length <= limits.metadata, `at most ${limits.metadata} entries`);

const rollout = strict({
  strategy: oneOf(["all_at_once", "canary", "linear", "recreate"], "strategy").default("all_at_once"),
  percent: whole(1, 50).optional(),
  step_percent: whole(5, 50).optional(),
  bake_seconds: whole(0, 86_400).optional(),
  final_bake_seconds: whole(0, 86_400).default(0),
  drain_seconds: whole(0, 3600).default(30),
  warm_seconds: whole(0, 86_400).default(600),
  deadline_seconds: whole(60, 28_800).default(1800),
  manual_promotion: z.boolean().default(false),
  auto_rollback: strict({
    error_rate_percent: z.number().min(0).max(100),
    latency_p95_ms: whole(1, 600_000).nullable().default(null),
    min_requests: whole(1, 1_000_000).default(50),
    alarms: z.array(oneLineText(2048)).max(20).default([]),
  })
    .nullable()
    .default(null),
});

export const updateMessage = longText(500);

/** Every field of the wire. `id` is made from the name when it is not given. */
export const specificationFields = {
  group: groupName,
  name: displayName,
  id: deploymentId.optional(),
  environment: environmentName,
  description: longText(2000).default(""),
  update_message: updateMessage.default(""),
  predictor,
  transformer: transformer.nullable().default(null),
  metadata: metadata.default({}),
  access: oneOf(["public", "private"], "access").default("private"),
  enable_monitoring: z.boolean().default(false),
  rollout: rollout.prefault({}),
  smoke_tests: smokeTests.default([]),
};
export const specificationInput = strict(specificationFields);
export type SpecificationInput = z.output<typeof specificationInput>;
