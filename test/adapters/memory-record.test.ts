import { describe } from "vitest";
import { MemoryRecord } from "../doubles/memory-record.ts";
import { recordStoreSuite } from "./record-store/suite.ts";

describe("the record in memory", () => {
  recordStoreSuite(() => {
    let now = Date.parse("2026-11-21T09:00:00.000Z");
    const record = new MemoryRecord({ now: () => now });
    return { record, passTime: (milliseconds) => (now += milliseconds) };
  });
});
