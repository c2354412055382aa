import { WorkflowError } from "./errors.ts";
import { type Promotion, stageOf } from "./promotion.ts";
import { freezeEnd } from "./promotion-policy.ts";
import type { Health } from "./words.ts";

/** What is seen of a promotion's deployments when its gate is looked at. */
export interface GateFacts {
  /** What staging serves; null when nothing of it does. */
  staging: { version: number | null; health: Health | null; message: string } | null;
  /** Why nothing goes to production by itself; null when nothing speaks against it. */
  held: string | null;
  /** Milliseconds. */
  now: number;
}

/** What the gate waits for, and until when at the latest; null: it is open. */
export type GateWait = { for: "soak" | "freeze"; until: number } | { for: "approval"; until: number } | null;

/** Health is looked at this often while a version soaks: it says `degraded` for as long after a restart. */
const lookSeconds = 300;

/** In this order: it has to be healthy in staging, a person has to approve it, and it must not be a time of freeze. */
export function gateOf(promotion: Promotion, facts: GateFacts): GateWait {
  return soak(promotion, facts) ?? approval(promotion, facts) ?? freeze(promotion, facts);
}

function soak({ policy, override, ...promotion }: Promotion, { staging, now }: GateFacts): GateWait {
  if (policy.gate === "auto" || policy.soak_seconds === 0 || override) return null;
  const { version } = promotion.model;
  if (staging?.version !== version) {
    throw failed(
      "NotInStaging",
      `version ${version} does not run in ${policy.staging.deployment_id} any more: promote it to staging again`,
    );
  }
  if (staging.health === "failed" || staging.health === "degraded") throw failed("SoakFailed", `it was not healthy: ${staging.message}`);
  const since = Date.parse(stageOf({ ...promotion, policy, override }, "staging")?.ended_at ?? promotion.created_at);
  const over = since + policy.soak_seconds * 1000;
  if (now < over) return { for: "soak", until: Math.min(over, now + lookSeconds * 1000) };
  return staging.health === "healthy" ? null : { for: "soak", until: now + 30_000 };
}

/** A hold asks for a person's word too: what a rollback took away comes back by nobody's but theirs. */
function approval(promotion: Promotion, { held, now }: GateFacts): GateWait {
  const { policy, approval: given, waiting_for, waiting_until, automatic } = promotion;
  const asked = policy.gate === "approval" || (held !== null && automatic);
  if (!asked || given) return null;
  const until = waiting_for === "approval" && waiting_until ? Date.parse(waiting_until) : now + policy.approval.expires_seconds * 1000;
  if (now < until) return { for: "approval", until };
  throw failed("ApprovalExpired", `nobody approved version ${promotion.model.version} until ${waiting_until}`);
}

function freeze({ policy }: Promotion, { now }: GateFacts): GateWait {
  const until = freezeEnd(policy.freeze_windows, now);
  return until === null ? null : { for: "freeze", until };
}

const failed = (reason: string, message: string) => new WorkflowError("PromotionFailed", reason, message);
