import * as z from "zod";
import { checks, findingOutcomes } from "../domain/finding.ts";
import { gates, promotionStages, weekdays } from "../domain/promotion-policy.ts";
import { jsonTypes } from "../domain/specification.ts";
import { triggerOutcomes } from "../domain/trigger.ts";
import {
  components,
  conditionStatuses,
  conditionTypes,
  healths,
  operationKinds,
  outcomes,
  roles,
  slotNames,
  slotRoles,
  statuses,
} from "../domain/words.ts";

/** Shapes of what comes back, by the name that OpenAPI and route table give them. Tests hold real answers against them. */

const at = z.iso.datetime({ precision: 3 });
const count = z.int().min(0);
const text = z.string();
const strict = z.strictObject;
const slot = z.enum(slotNames);
const component = z.enum(components);
const bySlot = <T extends z.ZodType>(schema: T) => strict({ blue: schema, green: schema });

const cause = strict({ reason: text, message: text });
const condition = strict({ type: z.enum(conditionTypes), status: z.enum(conditionStatuses), reason: text, message: text, at });
const lastTermination = strict({
  reason: text,
  exit_code: z.int(),
  signal: z.int().nullable(),
  message: text.nullable(),
  at: at.nullable(),
});
const instance = strict({
  name: text,
  component,
  slot,
  revision: count,
  phase: text,
  ready: z.boolean(),
  restarts: count,
  node: text.nullable(),
  started_at: at.nullable(),
  last_termination: lastTermination.nullable(),
});

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
  script: text.optional(),
  script_uri: text.optional(),
};
const predictor = strict({
  ...workload,
  model: strict({ name: text, version: count }).nullable(),
  model_uri: text.nullable(),
});
const autoRollback = strict({
  error_rate_percent: z.number(),
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
const smokeTest = strict({
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
const specification = strict({
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

const revisions = strict({ wanted: count, running: count.nullable() });
const named = { uid: text, id: text, group: text, name: text, environment: text };
const written = { created_at: at, created_by: text, updated_at: at, updated_by: text };
const card = strict({
  ...named,
  status: z.enum(statuses),
  endpoint: text,
  revisions,
  model: strict({ name: text, version: count }).nullable(),
  ...written,
});
const deployment = strict({
  ...named,
  version: count,
  specification,
  status: z.enum(statuses),
  condition,
  /** null when nothing runs that could be healthy. */
  health: z.enum(healths).nullable(),
  endpoint: text,
  revisions,
  /** Set by a rollback: no promotion without a person. */
  hold: strict({ reason: text, at, by: text }).nullable(),
  ...written,
  deleted_at: at.nullable(),
});

const step = strict({
  name: text,
  started_at: at,
  ended_at: at.nullable(),
  outcome: z.enum(["SUCCEEDED", "FAILED"]).nullable(),
  detail: text.nullable(),
});
const evidence = strict({
  key: text.nullable(),
  smoke_tests: z.array(
    strict({
      name: text,
      passed: z.boolean(),
      request: strict({ method: text, path: text, body: text.nullable() }),
      response: strict({ status: z.int().nullable(), body: text.nullable(), latency_ms: z.number() }),
      failure: text.nullable(),
      note: text.optional(),
    }),
  ),
  conditions: z.array(condition),
  events: z.array(strict({ at: text, object: text, type: text, reason: text, message: text, count })),
  logs: z.array(strict({ instance: text, component, container_name: text, previous: z.boolean(), lines: z.array(text) })),
  digests: strict({ predictor: text.optional(), transformer: text.optional() }),
  judgements: z.array(
    strict({
      at,
      weight: count,
      passed: z.boolean(),
      requests: count.nullable(),
      error_rate_percent: z.number().nullable(),
      latency_p95_ms: z.number().nullable(),
      restarts: z.int(),
      ready: count,
      desired: count,
      alarms: z.array(text),
      reason: text.nullable(),
      message: text,
    }),
  ),
});
const operation = strict({
  id: text,
  deployment_id: text,
  uid: text,
  group: text,
  kind: z.enum(operationKinds),
  revision: count,
  slot: slot.nullable(),
  /** null while it runs. */
  outcome: z.enum(outcomes).nullable(),
  cause: cause.nullable(),
  steps: z.array(step),
  weights: strict({ blue: count.optional(), green: count.optional() }),
  actor: text,
  started_at: at,
  ended_at: at.nullable(),
  deadline: at,
  evidence: evidence.nullable(),
  interrupts_serving: z.boolean(),
});

const readiness = strict({ ready: count, desired: count });
const state = strict({
  status: z.enum(statuses),
  condition,
  conditions: z.array(condition),
  health: z.enum(healths).nullable(),
  revisions,
  instances: strict({ predictor: readiness.nullable(), transformer: readiness.nullable() }),
  slots: bySlot(strict({ revision: count, role: z.enum(slotRoles), weight: count, ready: count, desired: count }).nullable()),
  operation: strict({ id: text, kind: z.enum(operationKinds), step: text.nullable(), deadline: at }).nullable(),
  last_operation: strict({
    id: text,
    kind: z.enum(operationKinds),
    outcome: z.enum(outcomes),
    revision: count,
    cause: cause.nullable(),
  }).nullable(),
  endpoint: text,
  /** What somebody has changed in the cluster; a restart puts it right. An empty field: the object as a whole. */
  drift: z.array(strict({ slot, object: text, field: text, expected: text, found: text })),
  /** null until something was looked at. */
  observed_at: at.nullable(),
  /** `cluster` when it was read for this answer. */
  source: z.enum(["record", "cluster"]),
});

const resolved = strict({ image: text, artifact_uri: text.nullable(), model_name: text });
const revision = strict({
  revision: count,
  specification,
  resolved: strict({ predictor: resolved, transformer: resolved.nullable() }),
  /** Digests of the images that it ran when it was ready for the first time. */
  digests: strict({ predictor: text.optional(), transformer: text.optional() }).optional(),
  created_at: at,
  created_by: text,
  update_message: text,
  /** When it was what serves, newest first; `to` null while it is. */
  served: z.array(strict({ from: at, to: at.nullable() })),
});
const logLine = strict({
  at,
  instance: text,
  component,
  container_name: text,
  /** null where the name of what wrote it tells none. */
  revision: count.nullable(),
  message: text,
});
/** What became of one container's log: `read`, or why there is none. */
const logSource = strict({
  instance: text,
  component,
  container_name: text.nullable(),
  revision: count.nullable(),
  state: z.enum(["read", "creating", "gone", "lost", "none", "cut"]),
  message: text,
});
const transientPage = strict({
  source: z.literal("transient"),
  /** In order of time, as `sort` asks. */
  items: z.array(logLine),
  /** Every container that was looked at. */
  instances: z.array(logSource),
  /** Goes on after the last line of this page, without losing or repeating one. */
  next_cursor: text,
});
const historicalPage = strict({
  source: z.literal("historical"),
  items: z.array(logLine),
  instances: z.array(logSource),
  /** The time that was searched. */
  since: at,
  until: at,
  /** Why nothing could be found. */
  note: text.nullable(),
  /** Absent when there is no more. */
  next_cursor: text.optional(),
});
const logPage = z.discriminatedUnion("source", [transientPage, historicalPage]);
const logExport = strict({
  id: text,
  status: z.enum(["RUNNING", "SUCCEEDED", "FAILED"]),
  started_at: at,
  ended_at: at.nullable(),
  lines: count,
  bytes: count,
  /** Why it failed; empty otherwise. */
  message: text,
  /** Of the file, without sign-in; null until it is there. */
  url: text.nullable(),
  expires_at: at.nullable(),
});
/** One field in which two revisions differ; null where one has none. */
const difference = strict({ path: text, before: z.unknown(), after: z.unknown() });
const loose = z.record(text, z.unknown());
const event = strict({
  sequence: count,
  at,
  actor: text,
  type: text,
  message: text,
  before: loose.nullable(),
  after: loose.nullable(),
  operation_id: text.nullable(),
});

const model = strict({ group: text, name: text, description: text, latest_version: count, created_at: at, created_by: text });
const modelVersion = strict({
  group: text,
  name: text,
  version: count,
  artifact_uri: text,
  runtime: text.nullable(),
  framework: text.nullable(),
  training_job: text.nullable(),
  metrics: z.record(text, z.number()),
  metadata: z.record(text, text),
  checksum: text.nullable(),
  registered_by: text,
  registered_at: at,
  verified_in: z.array(text),
  approved_by: z.array(text),
  running_in: z.array(text),
  /** Every promotion it was in, oldest first. */
  promotions: z.array(text),
  /** Who reported it; null when it was registered by hand. */
  source: strict({ name: text, id: text, sequence: z.number() }).nullable(),
  /** How it failed in staging the last time; null when it did not, or has passed since. */
  failure: strict({ reason: text, message: text, environment: text, promotion_id: text, at }).nullable(),
});

const trigger = strict({
  id: text,
  source: text,
  kind: text,
  /** null: it names none that is known. */
  group: text.nullable(),
  model: text.nullable(),
  version: count.nullable(),
  /** null while it is looked at. */
  outcome: z.enum(triggerOutcomes).nullable(),
  reason: text.nullable(),
  received_at: at,
  handled_at: at.nullable(),
  attempts: count,
});

const stageName = z.enum(promotionStages);
const promotionTarget = strict({ deployment_id: text, specification: loose });
const promotionPolicy = strict({
  automatic: z.enum(["none", ...promotionStages]),
  staging: promotionTarget,
  production: promotionTarget,
  smoke_tests: z.array(smokeTest).nullable(),
  gate: z.enum(gates),
  soak_seconds: count,
  approval: strict({ least_role: z.enum(roles), approvers: z.array(text), expires_seconds: count, four_eyes: z.boolean() }),
  freeze_windows: z.array(
    z.union([
      strict({ from: text, to: text, reason: text }),
      strict({ days: z.array(z.enum(weekdays)), from_time: text, to_time: text, reason: text }),
    ]),
  ),
  in_flight: z.enum(["supersede", "queue"]),
  staging_afterwards: z.enum(["stop", "keep"]),
  /** null: nobody has decided yet, and this is what holds until then. */
  updated_at: at.nullable(),
  updated_by: text.nullable(),
});
const promotionStage = strict({
  name: stageName,
  deployment_id: text,
  operation_id: text.nullable(),
  revision: count.nullable(),
  outcome: z.enum(outcomes).nullable(),
  ended_at: at.nullable(),
});
const promotion = strict({
  id: text,
  model: strict({ group: text, name: text, version: count }),
  environment: stageName,
  stages: z.array(promotionStage),
  /** What it waits for; a version before it in the same model's queue is none of these. */
  waiting_for: z.enum(["approval", "soak", "freeze"]).nullable(),
  /** When the approval expires, or the soak or freeze is looked at again. */
  waiting_until: at.nullable(),
  outcome: z.enum(outcomes).nullable(),
  cause: cause.nullable(),
  requested_by: text,
  /** Nobody asked for it but the model's promotion policy. */
  automatic: z.boolean(),
  approved_by: text.nullable(),
  evidence: strict({
    /** The operation that verified it in staging; its evidence has every request and answer. */
    verification: strict({ operation_id: text.nullable(), deployment_id: text, at: at.nullable() }).nullable(),
    approval: strict({ by: text, at, comment: text }).nullable(),
    override: strict({ by: text, at, reason: text }).nullable(),
  }),
  supersedes: text.nullable(),
  created_at: at,
  ended_at: at.nullable(),
  deadline: at,
});

/** `role`: the caller's own; null for a platform admin without one. */
const group = strict({ name: text, role: z.enum(roles).nullable() });
const quantities = strict({ cpu: text, memory: text });
const instanceType = strict({ name: text, description: text, requests: quantities, limits: quantities, gpu: count });
const runtime = strict({
  name: text,
  description: text,
  frameworks: z.array(text),
  artifact: text,
  needs_gpu: z.boolean(),
  protocol: z.enum(["v2", "v1", "openai"]),
  /** Of a runtime for scripts of one's own: what they are called by custom. */
  scripts: strict({ predictor: text, transformer: text }).optional(),
  image: text,
});
const me = strict({
  actor: text,
  email: text.nullable(),
  platform_admin: z.boolean(),
  groups: z.array(strict({ name: text, role: z.enum(roles) })),
});

const list = <T extends z.ZodType>(item: T) => strict({ items: z.array(item) });
const paged = <T extends z.ZodType>(item: T) => strict({ items: z.array(item), next_cursor: text.optional() });

const preflight = strict({
  findings: z.array(strict({ check: z.enum(checks), outcome: z.enum(findingOutcomes), message: text, action: text.nullable() })),
});

export const answers = {
  Specification: specification,
  Deployment: deployment,
  DeploymentList: paged(card),
  /** 201 of a create with `"start": false`. */
  CreatedDeployment: strict({ deployment }),
  /** 202: it is stored and its operation runs. */
  StartedDeployment: strict({ deployment, operation }),
  /** 200 of an update that was stored only, or changed nothing. */
  StoredDeployment: strict({ deployment }),
  /** 200 of a create with `?dry_run=true`: what would come of it. Nothing was made. */
  Preflight: preflight,
  StoredDeploymentOrPreflight: z.union([strict({ deployment }), preflight]),
  StartedOperation: strict({ operation }),
  State: state,
  Instance: instance,
  InstanceList: strict({ items: z.array(instance), observed_at: at.nullable(), source: z.enum(["record", "cluster"]) }),
  Condition: condition,
  ConditionList: paged(condition),
  Event: event,
  EventList: paged(event),
  LogPage: logPage,
  /** 202 of a search that is under way: ask again with this cursor. */
  LogExport: logExport,
  LogSearch: strict({ cursor: text }),
  Revision: revision,
  RevisionList: paged(revision),
  Comparison: strict({ a: count, b: count, differences: z.array(difference) }),
  Operation: operation,
  OperationList: paged(operation),
  Model: model,
  ModelList: paged(model),
  ModelVersion: modelVersion,
  ModelVersionList: paged(modelVersion),
  PromotionPolicy: promotionPolicy,
  Promotion: promotion,
  PromotionList: paged(promotion),
  Trigger: trigger,
  TriggerList: paged(trigger),
  /** 202 of a webhook: it is kept, and this is what became of it. */
  TakenTrigger: strict({ trigger }),
  /** 202: it is stored and goes its way. */
  StartedPromotion: strict({ promotion }),
  Group: group,
  GroupList: list(group),
  InstanceTypeList: list(instanceType),
  RuntimeList: list(runtime),
  Me: me,
  Healthz: strict({ status: z.literal("ok") }),
  OpenApi: z.looseObject({ openapi: text }),
} satisfies Record<string, z.ZodType>;

export type AnswerName = keyof typeof answers;
/** An answer's type, for handlers and clients. */
export type Answer<Name extends AnswerName> = z.output<(typeof answers)[Name]>;
