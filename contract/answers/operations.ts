import * as z from "zod";
import { operationKinds, outcomes } from "../../domain/words.ts";
import { signature } from "./signature.ts";
import { at, cause, component, condition, count, slot, strict, text } from "./words.ts";

const step = strict({
  name: text,
  started_at: at,
  ended_at: at.nullable(),
  outcome: z.enum(["SUCCEEDED", "FAILED"]).nullable(),
  detail: text.nullable(),
});
export const evidence = strict({
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
  /** What the model's metadata said, where that answer was cut. */
  signature: signature.optional(),
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
export const operation = strict({
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
