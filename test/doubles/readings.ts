import type { KeptReading } from "../../domain/metrics.ts";
import type { SlotCounters } from "../../domain/slot-figures.ts";

/** Readings of one slot for tests: minutes after a beginning, and counters of which most say the same. */
export const begin = Date.parse("2026-11-21T09:00:00.000Z");
export const minute = 60_000;

/** `fast` requests took up to 100 ms, all others up to 300 ms. */
export const counters = (requests: number, errors = 0, client_errors = 0, fast = requests): SlotCounters => ({
  requests,
  client_errors,
  errors,
  latency: [
    { at_most_ms: 100, requests: fast },
    { at_most_ms: 300, requests },
    { at_most_ms: Number.POSITIVE_INFINITY, requests },
  ],
});

export const aReading = (minutes: number, replicas: KeptReading["counters"], over: Partial<KeptReading> = {}): KeptReading => ({
  ...{ at: begin + minutes * minute, slot: "blue", revision: 1, epoch: 1, made_at: begin },
  counters: replicas,
  ...over,
});
