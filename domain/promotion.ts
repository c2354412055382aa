import type { Cause } from "./condition.ts";
import type { ModelVersion } from "./model.ts";
import type { PromotionPolicy, PromotionStageName } from "./promotion-policy.ts";
import type { Outcome } from "./words.ts";

/** The way of one model version through staging, verification, gate and production. Field names are the wire's. */
export interface Promotion {
  id: string;
  model: { group: string; name: string; version: number };
  /** How far it is to go. */
  environment: PromotionStageName;
  stages: PromotionStage[];
  waiting_for: "approval" | "soak" | "freeze" | null;
  /** Until when: the approval's expiry, or when the soak or freeze is over. */
  waiting_until: string | null;
  outcome: Outcome | null;
  cause: Cause | null;
  requested_by: string;
  /** Nobody asked for it but the policy. */
  automatic: boolean;
  approval: { by: string; at: string; comment: string } | null;
  /** An admin's word that a version may go to production although it is not verified. */
  override: { by: string; at: string; reason: string } | null;
  /** As it was when the promotion began; a later change is for later promotions. */
  policy: PromotionPolicy;
  created_at: string;
  ended_at: string | null;
  /** Sync ends what has outlived it. */
  deadline: string;
  /** Of the promotion that gave way to this one. */
  supersedes: string | null;
  /** Grows with every change: what a writer has read is what it changes. */
  revision: number;
  /** Sequence of the newest of its events. */
  event_sequence: number;
  /** With which the workflow's wait is ended; it leaves the record with no answer. */
  task_token: string | null;
}

export interface PromotionStage {
  name: PromotionStageName;
  deployment_id: string;
  uid: string | null;
  /** null until it has begun, and where the version was there already. */
  operation_id: string | null;
  revision: number | null;
  outcome: Outcome | null;
  ended_at: string | null;
}

/** Of one model: the promotion that is carried out, and those that wait for it in their order. */
export interface Lane {
  active: string | null;
  queued: string[];
  /** The newest version that the policy has sent on its way by itself. */
  newest: VersionRank | null;
  revision: number;
}

/** What tells which of two versions is newer. */
export type VersionRank = Pick<ModelVersion, "version"> & { source: ModelVersion["source"] };

export const emptyLane: Lane = { active: null, queued: [], newest: null, revision: 0 };

export interface PromotionEvent {
  sequence: number;
  at: string;
  actor: string;
  type: PromotionEventType;
  detail: Record<string, unknown>;
}
export type PromotionEventType =
  | "Model Version Registered"
  | "Promotion Started"
  | "Promotion Verified"
  | "Promotion Awaiting Approval"
  | "Promotion Approved"
  | "Promotion Ended";

/** One change of a promotion and what goes with it, stored whole or not at all. */
export interface PromotionChange {
  before: Promotion | undefined;
  after: Promotion;
  lane?: { before: Lane; after: Lane };
  /** Another promotion, which gives way. */
  gives_way?: PromotionChange;
  events: PromotionEvent[];
  /** What the version is annotated with. */
  version?: Partial<Pick<ModelVersion, "verified_in" | "approved_by" | "promotions" | "failure" | "observed_signature">>;
}

/** A source's own sequence decides between versions of that source; the registry's number otherwise. Never the time of arrival. */
export function isNewer(one: VersionRank, other: VersionRank): boolean {
  const [a, b] = [one.source, other.source];
  if (a && b && a.name === b.name && a.sequence !== b.sequence) return a.sequence > b.sequence;
  return one.version > other.version;
}

export const stageOf = ({ stages }: Promotion, name: PromotionStageName): PromotionStage | undefined =>
  stages.find((stage) => stage.name === name);

/** Traffic of production may be moving: nothing but a person or a failure ends it from here on. */
export const isInProduction = (promotion: Promotion): boolean => {
  const stage = stageOf(promotion, "production");
  return stage !== undefined && stage.outcome === null;
};

/** The next state of a promotion, with its events numbered on. */
export function changed(
  before: Promotion,
  fields: Partial<Promotion>,
  told: Pick<PromotionEvent, "at" | "actor"> & { events?: { type: PromotionEventType; detail?: Record<string, unknown> }[] },
): PromotionChange {
  const given = told.events ?? [];
  const after: Promotion = {
    ...before,
    ...fields,
    revision: before.revision + 1,
    event_sequence: before.event_sequence + given.length,
  };
  const events = given.map(({ type, detail = {} }, index) => ({
    sequence: before.event_sequence + index + 1,
    at: told.at,
    actor: told.actor,
    type,
    detail: { ...describe(after), ...detail },
  }));
  return { before, after, events };
}

/** What each event of a promotion says of it. */
function describe({ id, model, environment, requested_by, automatic }: Promotion): Record<string, unknown> {
  return { promotion_id: id, ...model, environment, requested_by, automatic };
}

/** With one stage as it is now; appended when it is new. */
export function withStage(promotion: Promotion, stage: PromotionStage): PromotionStage[] {
  const others = promotion.stages.filter(({ name }) => name !== stage.name);
  return [...others, stage].sort((one, other) => (one.name === "staging" ? -1 : other.name === "staging" ? 1 : 0));
}
