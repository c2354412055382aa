import * as z from "zod";
import { checks, findingOutcomes } from "../domain/finding.ts";
import { roles } from "../domain/words.ts";
import { client, issuedClient } from "./answers/clients.ts";
import { card, deployment, difference, event, instance, revision, state } from "./answers/deployments.ts";
import { logExport, logPage } from "./answers/logs.ts";
import { metrics } from "./answers/metrics.ts";
import { operation } from "./answers/operations.ts";
import { model, modelVersion, promotion, promotionPolicy, trigger } from "./answers/promotions.ts";
import { specification } from "./answers/specification.ts";
import { at, condition, count, list, paged, strict, text } from "./answers/words.ts";

/** Shapes of what comes back, by the name that OpenAPI and route table give them. Tests hold real answers against them. */

/** `role`: the caller's own; null for a platform admin without one. */
const group = strict({ name: text, role: z.enum(roles).nullable() });
/** `model_locations`: null, when artifacts may lie anywhere. */
const groupInFull = strict({ ...group.shape, model_locations: z.array(text).nullable() });
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
  Client: client,
  ClientList: paged(client),
  /** 201 of an addition, 200 of a rotation. */
  IssuedClient: issuedClient,
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
  Metrics: metrics,
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
  Group: groupInFull,
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
