import type { EventType } from "../../domain/deployment-event.ts";
import type { PromotionEventType } from "../../domain/promotion.ts";

/** What other systems hear of us: the slipway event bus. At least once; a consumer orders by `sequence`. */
export interface EventBus {
  /** In order. Gives the positions of the announcements that could not be delivered, after retries; throws nothing for them. */
  publish(announcements: Announcement[]): Promise<number[]>;
}

export interface Announcement {
  detail_type: Exclude<EventType, "Operation Started" | "Operation Ended"> | "Operation State Changed" | PromotionEventType;
  detail: Record<string, unknown>;
  /** When it happened. */
  at: string;
}
