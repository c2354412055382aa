import * as z from "zod";
import { healths, operationKinds, outcomes, slotRoles, statuses } from "../../domain/words.ts";
import { signature } from "./signature.ts";
import { specification } from "./specification.ts";
import { at, bySlot, cause, component, condition, count, loose, slot, strict, text } from "./words.ts";

const lastTermination = strict({
  reason: text,
  exit_code: z.int(),
  signal: z.int().nullable(),
  message: text.nullable(),
  at: at.nullable(),
});
/** As Kubernetes prints them, by the name of the resource: `{"cpu": "250m", "memory": "512Mi"}`. */
const quantities = z.record(text, text);
export const instance = strict({
  name: text,
  component,
  slot,
  revision: count,
  phase: text,
  ready: z.boolean(),
  restarts: count,
  node: text.nullable(),
  started_at: at.nullable(),
  /** What the component's container is promised and held to; null until somebody has seen it. */
  resources: strict({ requests: quantities, limits: quantities }).nullable(),
  last_termination: lastTermination.nullable(),
});
const revisions = strict({ wanted: count, running: count.nullable() });
export const named = { uid: text, id: text, group: text, name: text, environment: text };
const written = { created_at: at, created_by: text, updated_at: at, updated_by: text };
export const card = strict({
  ...named,
  status: z.enum(statuses),
  endpoint: text,
  revisions,
  model: strict({ name: text, version: count }).nullable(),
  ...written,
});
export const deployment = strict({
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
const readiness = strict({ ready: count, desired: count });
export const state = strict({
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
  unseen: z.array(strict({ kind: text, message: text })),
  /** null until something was looked at. */
  observed_at: at.nullable(),
  /** `cluster` when it was read for this answer. */
  source: z.enum(["record", "cluster"]),
});
const resolved = strict({ image: text, artifact_uri: text.nullable(), model_name: text, signature: signature.optional() });
export const revision = strict({
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
/** One field in which two revisions differ; null where one has none. */
export const difference = strict({ path: text, before: z.unknown(), after: z.unknown() });
export const event = strict({
  sequence: count,
  at,
  actor: text,
  type: text,
  message: text,
  before: loose.nullable(),
  after: loose.nullable(),
  operation_id: text.nullable(),
});
