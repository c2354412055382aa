import { describe } from "vitest";
import { MemoryPromotions } from "../doubles/memory-promotions.ts";
import { MemoryRecord } from "../doubles/memory-record.ts";
import { MemoryTriggers } from "../doubles/memory-triggers.ts";
import { TestClock } from "../doubles/test-clock.ts";
import { promotionStoreSuite } from "./promotion-store.ts";
import { triggerStoreSuite } from "./trigger-store.ts";

describe("triggers in memory", () => {
  const store = new MemoryTriggers();
  triggerStoreSuite(() => store);
});

describe("promotions in memory", () => {
  const registry = new MemoryRecord(new TestClock());
  const promotions = new MemoryPromotions(registry);
  promotionStoreSuite(() => ({ promotions, registry }));
});
