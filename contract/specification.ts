import * as z from "zod/mini";
import { instanceTypeNames } from "../domain/catalogue/instance-types.ts";
import { runtimeNames, scriptRuntimeNames } from "../domain/catalogue/runtimes.ts";
import { containerPort, ownHealth, serverMetricsPort } from "../domain/catalogue/servers.ts";
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
import { metadata } from "./metadata.ts";
import { modelUri } from "./model-uri.ts";
import { serverPath } from "./server-path.ts";
import { smokeTests } from "./smoke-tests.ts";
import { oneOf, orNull, strict } from "./strict.ts";

/**
 * The fields of a deployment's specification as they come in, with every default (docs: api.md). create.ts and update.ts
 * check what spans fields and take secret values out. What most specifications do not have is made when one has it.
 */

export const limits = { env: 100, envValue: 16_384, metrics: 10, replicas: 100 } as const;

const envVariable = () =>
  strict({
    name: envName.check(z.refine((name) => name !== "__proto__", "a name that cannot be stored")),
    value: z.optional(
      z.string().check(
        z.maxLength(limits.envValue, `at most ${limits.envValue} characters`),
        // biome-ignore lint/suspicious/noControlCharactersInRegex: an environment cannot hold NUL
        z.regex(/^[^\u0000]*$/, "no NUL character"),
      ),
    ),
    secret: z._default(z.boolean(), false),
  });
export type EnvInput = z.output<ReturnType<typeof envVariable>>;

const env = z._default(z.array(z.lazy(envVariable)).check(z.maxLength(limits.env, `at most ${limits.env} variables`)), []);

/** `max_replicas` follows `min_replicas` when it is not given: no scaling unless asked for. */
const scalingFields = strict({
  min_replicas: z._default(
    z
      .int()
      .check(
        z.minimum(1, "at least 1: nothing in the cluster could wake a deployment that is scaled to 0 instances"),
        z.maximum(limits.replicas, `at most ${limits.replicas}`),
      ),
    1,
  ),
  max_replicas: z.optional(whole(1, limits.replicas)),
  target_cpu_utilization: z._default(whole(1, 100), 60),
  cooldown_period: z._default(whole(0, 3600), 300),
});
export const scalingConfig = z
  .pipe(
    scalingFields,
    z.transform((config: z.output<typeof scalingFields>) => ({ ...config, max_replicas: config.max_replicas ?? config.min_replicas })),
  )
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
  .check(
    z.maxLength(256, "at most 256 characters"),
    z.regex(
      /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/,
      "a path below the artifact: letters, digits, '-', '_', '.' and '/', without a leading slash and without '..'",
    ),
  );

/** Of an image that is asked elsewhere than the Open Inference Protocol has it. */
const health = () => strict({ live: z._default(serverPath(), ownHealth.live), ready: z._default(serverPath(), ownHealth.ready) });

const reported = () =>
  strict({
    port: z.optional(
      z.literal([containerPort, serverMetricsPort], {
        error: `${containerPort}, where the server serves, or ${serverMetricsPort}: the network lets the collector reach no other port`,
      }),
    ),
    path: z._default(serverPath(), "/metrics"),
    names: z
      .array(
        z
          .string()
          .check(z.maxLength(100, "at most 100 characters"), z.regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, "a metric's name of Prometheus")),
      )
      .check(
        z.maxLength(limits.metrics, `at most ${limits.metrics} metrics`),
        z.refine((names) => new Set(names).size === names.length, "each name once"),
      ),
  });

const image = orNull(imageReference);
const component = {
  script: z.optional(script),
  script_uri: z.optional(modelUri),
  image_pull_secret: orNull(kubernetesName),
  instance_type: z._default(oneOf(instanceTypeNames, "instance type"), "cpu.small"),
  scaling_config: z.prefault(scalingConfig, {}),
  env,
  health: z.optional(z.lazy(health)),
  metrics: z.optional(z.lazy(reported)),
};

const predictor = strict({
  runtime: orNull(oneOf(runtimeNames, "runtime")),
  image,
  model: orNull(strict({ name: modelName, version: whole(1, 999_999) })),
  model_uri: orNull(modelUri),
  ...component,
});
export type PredictorInput = z.output<typeof predictor>;

const transformer = () =>
  strict({
    runtime: orNull(oneOf(scriptRuntimeNames, "runtime of a transformer")),
    image,
    ...component,
  });
export type TransformerInput = z.output<ReturnType<typeof transformer>>;

const autoRollback = () =>
  strict({
    error_rate_percent: orNull(z.number().check(z.minimum(0), z.maximum(100))),
    latency_p95_ms: orNull(whole(1, 600_000)),
    min_requests: z._default(whole(1, 1_000_000), 50),
    alarms: z._default(z.array(oneLineText(2048)).check(z.maxLength(20)), []),
  });
const rollout = strict({
  strategy: z._default(oneOf(["all_at_once", "canary", "linear", "recreate"], "strategy"), "all_at_once"),
  percent: z.optional(whole(1, 50)),
  step_percent: z.optional(whole(5, 50)),
  bake_seconds: z.optional(whole(0, 86_400)),
  final_bake_seconds: z._default(whole(0, 86_400), 0),
  drain_seconds: z._default(whole(0, 3600), 30),
  warm_seconds: z._default(whole(0, 86_400), 600),
  deadline_seconds: z._default(whole(60, 28_800), 1800),
  manual_promotion: z._default(z.boolean(), false),
  auto_rollback: orNull(z.lazy(autoRollback)),
});

export const updateMessage = longText(500);

/** Every field of the wire. `id` is made from the name when it is not given. */
export const specificationFields = {
  group: groupName,
  name: displayName,
  id: z.optional(deploymentId),
  environment: environmentName,
  description: z._default(longText(2000), ""),
  update_message: z._default(updateMessage, ""),
  predictor,
  transformer: orNull(z.lazy(transformer)),
  metadata: z._default(metadata, {}),
  access: z._default(oneOf(["public", "private"], "access"), "private"),
  enable_monitoring: z._default(z.boolean(), false),
  rollout: z.prefault(rollout, {}),
  smoke_tests: z._default(smokeTests, []),
};
export const specificationInput = strict(specificationFields);
export type SpecificationInput = z.output<typeof specificationInput>;
