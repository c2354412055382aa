import type { Head } from "../../domain/deployment.ts";
import type { Promotion } from "../../domain/promotion.ts";
import { type GateFacts, type GateWait, gateOf } from "../../domain/promotion-gate.ts";
import { awaitApproval, waitUntil } from "../../domain/promotion-transitions.ts";
import { describeState } from "../../domain/state.ts";
import { servingSlot } from "../../domain/traffic.ts";
import { liveHead } from "../operations/find-deployment.ts";
import { changePromotion, type PromotionInput, type PromotionStepPorts, underWay } from "./step.ts";

export interface GateAnswer {
  /** null: the gate is open. */
  waiting_for: "soak" | "freeze" | "approval" | null;
  /** When to look again, at the latest. */
  until?: string;
  seconds?: number;
}

/** Looks whether the version may go on to production now. Looked at again after every wait: what holds then is what counts. */
export async function openGate(input: PromotionInput, ports: PromotionStepPorts): Promise<GateAnswer> {
  const seen = await underWay(input, ports);
  const facts = await look(seen, ports);
  const at = new Date(facts.now).toISOString();
  let wait: GateWait = null;
  const decide = (promotion: Promotion) => {
    wait = gateOf(promotion, facts);
    return wait ? recordedWait(promotion, wait, at) : undefined;
  };
  await changePromotion(input, ports, decide, seen);
  return answerOf(wait, facts.now);
}

function recordedWait(promotion: Promotion, wait: NonNullable<GateWait>, at: string) {
  const until = new Date(wait.until).toISOString();
  if (promotion.waiting_for === wait.for && promotion.waiting_until === until) return undefined;
  return wait.for === "approval" ? awaitApproval(promotion, until, null, at) : waitUntil(promotion, wait.for, until, at);
}

function answerOf(wait: GateWait, now: number): GateAnswer {
  if (!wait) return { waiting_for: null };
  const seconds = Math.max(1, Math.ceil((wait.until - now) / 1000));
  return { waiting_for: wait.for, until: new Date(wait.until).toISOString(), seconds };
}

async function look({ policy }: Promotion, { record, clock }: PromotionStepPorts): Promise<GateFacts> {
  const [staging, production] = await Promise.all([
    liveHead(record, policy.staging.deployment_id),
    liveHead(record, policy.production.deployment_id),
  ]);
  const now = clock.now();
  const hold = production?.hold;
  return { staging: staging ? await stagingOf(staging, record, now) : null, held: hold ? hold.reason : null, now };
}

async function stagingOf(head: Head, record: PromotionStepPorts["record"], now: number): Promise<GateFacts["staging"]> {
  const slot = servingSlot(head.slots);
  const serving = slot ? head.slots[slot] : null;
  const [revision, seen] = await Promise.all([
    serving ? record.revision(head.uid, serving.revision) : undefined,
    record.observed(head.uid),
  ]);
  // Where nothing changes nothing is written: without what vouches for the record a quiet deployment would soon be unknown.
  const observed = await record.stillSeen(head, seen);
  const { health, condition } = describeState(head, observed, now);
  return { version: revision?.specification.predictor.model?.version ?? null, health, message: condition.message };
}
