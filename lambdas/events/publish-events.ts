import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { PromotionEvent } from "../../domain/promotion.ts";
import type { Announcement, EventBus } from "../ports/event-bus.ts";

/** One record of the stream: its place there, and the events that it tells, if any. */
export interface StreamEntry {
  sequence_number: string;
  events: (DeploymentEvent & { uid: string })[];
  /** Of a promotion or of a model. */
  promotion_event?: PromotionEvent | undefined;
}

/**
 * Tells other systems what the record's EVENT items say. Gives the places in the stream of what could not be told: the
 * stream is read again from the first of them, so an event may be told twice and none is lost.
 */
export async function publishEvents(bus: EventBus, entries: StreamEntry[]): Promise<string[]> {
  const told = entries.flatMap(({ sequence_number, events, promotion_event }) => {
    const announcements = [...events.map(announce), promotion_event && announcePromotion(promotion_event)];
    return announcements.flatMap((announcement) => (announcement ? [{ sequence_number, announcement }] : []));
  });
  const failed = await bus.publish(told.map(({ announcement }) => announcement));
  return [...new Set(failed.flatMap((position) => told[position]?.sequence_number ?? []))];
}

/** All that happens to a deployment is for others to hear: so its sequence has no gap for them either. */
function announce({ uid, sequence, at, actor, type, message, before, after, operation_id }: StreamEntry["events"][number]): Announcement {
  const { group, deployment_id, environment, ...rest } = after ?? {};
  const common = { uid, group, deployment_id, environment, sequence, operation_id, at };
  if (type === "Deployment State Changed") {
    const { status: to, revision = null, condition = null, health = null } = rest;
    return { detail_type: type, at, detail: { ...common, revision, from: before?.status ?? null, to, condition, health } };
  }
  if (type === "Operation Started" || type === "Operation Ended") {
    const { kind, revision, outcome = null, cause = null } = rest;
    return { detail_type: "Operation State Changed", at, detail: { ...common, kind, revision, outcome, cause } };
  }
  return { detail_type: type, at, detail: { ...common, actor, message, ...rest } };
}

/** All that happens to promotions and versions is for others to hear. */
const announcePromotion = ({ type, at, actor, sequence, detail }: PromotionEvent): Announcement => ({
  detail_type: type,
  at,
  detail: { ...detail, sequence, actor, at },
});
