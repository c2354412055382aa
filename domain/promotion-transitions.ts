import type { Cause } from "./condition.ts";
import type { ModelVersion } from "./model.ts";
import {
  changed,
  isInProduction,
  isNewer,
  type Lane,
  type Promotion,
  type PromotionChange,
  type PromotionStage,
  stageOf,
  withStage,
} from "./promotion.ts";
import type { PromotionPolicy, PromotionStageName } from "./promotion-policy.ts";
import { differencesIn, type ObservedSignature, type Signature } from "./signature.ts";
import type { Outcome } from "./words.ts";

/** How a promotion begins, goes on and ends, decided without I/O. */

export interface Beginning {
  id: string;
  version: ModelVersion;
  environment: PromotionStageName;
  policy: PromotionPolicy;
  actor: string;
  at: string;
  automatic: boolean;
  override: string | null;
}

/** Whatever its waits: a soak, an approval and a freeze are each bounded by the contract. */
const longestSeconds = 90 * 86_400;
export const longestQueue = 100;

/** Takes the model's lane, makes who has it give way to a newer version, or waits in the queue: as the policy says. */
export function beginPromotion(
  lane: Lane,
  running: Promotion | undefined,
  beginning: Beginning,
  runningRank?: ModelVersion,
): PromotionChange {
  const { version, at, actor } = beginning;
  const givesWay = running !== undefined && mayGiveWay(running, beginning, runningRank);
  const promotion = newPromotion(beginning, givesWay ? running.id : null);
  const waits = running !== undefined && !givesWay;
  const rank = { version: version.version, source: version.source };
  const newest = !lane.newest || isNewer(rank, lane.newest) ? rank : lane.newest;
  const laneAfter: Lane = {
    active: waits ? lane.active : promotion.id,
    queued: waits ? [...lane.queued, promotion.id] : lane.queued,
    newest,
    revision: lane.revision + 1,
  };
  const started = changed(promotion, {}, { at, actor, events: [{ type: "Promotion Started", detail: { queued: waits } }] });
  const cause = { reason: "Superseded", message: `version ${version.version} came while version ${running?.model.version} was on its way` };
  return {
    ...started,
    before: undefined,
    lane: { before: lane, after: laneAfter },
    version: { promotions: [...version.promotions, promotion.id] },
    ...(givesWay && { gives_way: ended(running, { outcome: "CANCELLED", cause, at, actor, next: promotion.id }) }),
  };
}

function mayGiveWay(running: Promotion, { policy, version }: Beginning, runningVersion: ModelVersion | undefined): boolean {
  if (policy.in_flight !== "supersede" || isInProduction(running)) return false;
  const other = runningVersion ?? { version: running.model.version, source: null };
  return isNewer(version, other);
}

function newPromotion(
  { id, version, environment, policy, actor, at, automatic, override }: Beginning,
  supersedes: string | null,
): Promotion {
  return {
    id,
    model: { group: version.group, name: version.name, version: version.version },
    environment,
    stages: [],
    waiting_for: null,
    waiting_until: null,
    outcome: null,
    cause: null,
    requested_by: actor,
    automatic,
    approval: null,
    override: override === null ? null : { by: actor, at, reason: override },
    policy,
    created_at: at,
    ended_at: null,
    deadline: new Date(Date.parse(at) + longestSeconds * 1000).toISOString(),
    supersedes,
    revision: 0,
    event_sequence: 0,
    task_token: null,
  };
}

/** From here on the stage is entered, with what has begun there: for production, a newer version waits its turn. */
export function enterStage(
  promotion: Promotion,
  name: PromotionStageName,
  at: string,
  begun: Partial<Omit<PromotionStage, "name">> = {},
): PromotionChange {
  const { deployment_id } = promotion.policy[name];
  const entered = { name, deployment_id, uid: null, operation_id: null, revision: null, outcome: null, ended_at: null };
  const stage: PromotionStage = { ...entered, ...stageOf(promotion, name), ...begun };
  const free = { waiting_for: null, waiting_until: null, task_token: null };
  return changed(promotion, { stages: withStage(promotion, stage), ...free }, { at, actor: promotion.requested_by });
}

export function saveStage(promotion: Promotion, stage: PromotionStage, at: string): PromotionChange {
  return changed(promotion, { stages: withStage(promotion, stage) }, { at, actor: promotion.requested_by });
}

/** The version has passed its smoke tests in staging, where its server told this of it. */
export function verified(promotion: Promotion, version: ModelVersion, at: string, seen?: Signature): PromotionChange {
  const stage = stageOf(promotion, "staging");
  if (!stage) throw new RangeError(`promotion ${promotion.id} has no stage staging that could be verified`);
  const { deployment_id, operation_id, revision } = stage;
  const detail = { deployment_id, operation_id, deployment_revision: revision };
  const stages = withStage(promotion, { ...stage, outcome: "SUCCEEDED", ended_at: at });
  return {
    ...changed(promotion, { stages }, { at, actor: "slipway", events: [{ type: "Promotion Verified", detail }] }),
    version: {
      ...{ verified_in: including(version.verified_in, "staging"), failure: null },
      ...(seen && operation_id !== null && { observed_signature: observed(seen, version, { operation_id, at }) }),
    },
  };
}

function observed(seen: Signature, { signature }: ModelVersion, when: { operation_id: string; at: string }): ObservedSignature {
  return { ...seen, ...when, differences: signature ? differencesIn(signature, seen) : [] };
}

/** Waits for a time to come. */
export function waitUntil(promotion: Promotion, waiting_for: "soak" | "freeze", until: string, at: string): PromotionChange {
  return changed(promotion, { waiting_for, waiting_until: until, task_token: null }, { at, actor: "slipway" });
}

/** Asks for a person's word; with the token the workflow's wait is ended. */
export function awaitApproval(promotion: Promotion, until: string, task_token: string | null, at: string): PromotionChange {
  const isNew = promotion.waiting_for !== "approval";
  const { least_role, approvers, four_eyes } = promotion.policy.approval;
  const { deployment_id } = promotion.policy.production;
  const detail = { deployment_id, expires_at: until, least_role, approvers, four_eyes };
  const events = isNew ? [{ type: "Promotion Awaiting Approval" as const, detail }] : [];
  return changed(promotion, { waiting_for: "approval", waiting_until: until, task_token }, { at, actor: "slipway", events });
}

export function approve(promotion: Promotion, version: ModelVersion, word: { by: string; at: string; comment: string }): PromotionChange {
  const { by, at, comment } = word;
  return {
    ...changed(
      promotion,
      { approval: word, waiting_for: null, waiting_until: null },
      { at, actor: by, events: [{ type: "Promotion Approved", detail: { approved_by: by, comment } }] },
    ),
    version: { approved_by: including(version.approved_by, by) },
  };
}

export interface EndOfPromotion {
  outcome: Outcome;
  cause: Cause | null;
  at: string;
  actor: string;
}

/** Ends it and gives the lane to who waits next. */
export function endPromotion(promotion: Promotion, lane: Lane, end: EndOfPromotion): PromotionChange {
  const isActive = lane.active === promotion.id;
  const [first = null, ...rest] = lane.queued;
  const after: Lane = isActive
    ? { ...lane, active: first, queued: rest, revision: lane.revision + 1 }
    : { ...lane, queued: lane.queued.filter((id) => id !== promotion.id), revision: lane.revision + 1 };
  return { ...ended(promotion, { ...end, next: isActive ? first : null }), lane: { before: lane, after } };
}

/** What the version is to remember of a promotion that failed in staging. */
export function failureIn({ id, stages }: Promotion, cause: Cause, at: string): ModelVersion["failure"] {
  const inStaging = stages.some(({ name, outcome }) => name === "staging" && outcome !== "SUCCEEDED");
  return inStaging ? { environment: "staging", promotion_id: id, at, ...cause } : null;
}

function ended(promotion: Promotion, { outcome, cause, at, actor, next }: EndOfPromotion & { next: string | null }): PromotionChange {
  const stages = promotion.stages.map((stage) => (stage.outcome === null ? { ...stage, outcome, ended_at: at } : stage));
  const fields = { outcome, cause, ended_at: at, stages, waiting_for: null, waiting_until: null, task_token: null };
  return changed(promotion, fields, { at, actor, events: [{ type: "Promotion Ended", detail: { outcome, cause, next } }] });
}

const including = (list: string[], entry: string): string[] => (list.includes(entry) ? list : [...list, entry]);
