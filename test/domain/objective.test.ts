import { describe, expect, it } from "vitest";
import { type Counted, judgeObjective } from "../../domain/objective.ts";
import type { MissedObjective } from "../../domain/observed.ts";

const limits = { error_rate_percent: 5, latency_p95_ms: 500, min_requests: 50 };
const now = Date.parse("2026-11-21T09:12:00.000Z");
const seconds = 1000;

/** Half minutes until now, oldest first: requests, errors, and how long each took. */
function counted(...halves: [requests: number, errors: number, milliseconds?: number][]): Counted[] {
  return halves.map(([requests, errors, milliseconds = 10], index) => {
    const until = now - (halves.length - 1 - index) * 30 * seconds;
    const latency = [100, 1000, Number.POSITIVE_INFINITY].map((at_most_ms) => ({
      at_most_ms,
      requests: milliseconds <= at_most_ms ? requests : 0,
    }));
    return { from: until - 30 * seconds, until, counted: { requests, client_errors: 0, errors, latency } };
  });
}
const missed: MissedObjective = { reason: "ErrorRateTooHigh", message: "as it was", at: new Date(now - 30 * seconds).toISOString() };

describe("an objective", () => {
  it("is missed by errors, with what was measured, the limit and what to do", () => {
    expect(judgeObjective(limits, counted([100, 10], [100, 10]), null, now)).toEqual({
      reason: "ErrorRateTooHigh",
      message:
        "10 % of 200 requests were answered with an error; the limit is 5 % (in 60 s). The logs of its instances say why; a rollback brings back the revision before",
      at: new Date(now).toISOString(),
    });
  });

  it("is missed by slow answers", () => {
    const judged = judgeObjective(limits, counted([30, 0, 800], [30, 0, 800]), null, now);
    expect(judged).toMatchObject({ reason: "LatencyTooHigh", message: expect.stringContaining("the limit is 500 ms") });
    expect(judgeObjective({ ...limits, latency_p95_ms: null }, counted([30, 0, 800], [30, 0, 800]), null, now)).toBeNull();
    expect(judgeObjective({ ...limits, error_rate_percent: null }, counted([100, 100], [100, 100]), null, now)).toBeNull();
  });

  it("cannot be judged by the first minute, nor by a few requests while more may come", () => {
    expect(judgeObjective(limits, [], null, now)).toBeUndefined();
    expect(judgeObjective(limits, counted([100, 100]), null, now)).toBeUndefined();
    expect(judgeObjective(limits, counted([20, 20], [20, 20]), missed, now)).toBeUndefined();
  });

  it("is judged by as few half minutes as have enough requests, and by five minutes at most", () => {
    const early = Array.from({ length: 3 }, (): [number, number] => [20, 20]);
    expect(judgeObjective(limits, counted(...early), null, now)).toMatchObject({ message: expect.stringContaining("of 60 requests") });
    expect(judgeObjective(limits, counted([1000, 1000], [100, 0], [100, 0]), null, now)).toBeNull();
    const rare = Array.from({ length: 12 }, (): [number, number] => [4, 4]);
    expect(judgeObjective(limits, counted(...rare), missed, now)).toBeNull();
  });

  it("once missed is met again well below its limit, and not about it", () => {
    const rate = (errors: number) => counted([100, errors], [100, errors]);
    expect(judgeObjective(limits, rate(5), null, now)).toBeNull();
    expect(judgeObjective(limits, rate(5), missed, now)).toBe(missed);
    expect(judgeObjective(limits, rate(4), missed, now)).toBeNull();
  });

  it("is told with new numbers once a minute while it is missed", () => {
    const older = { ...missed, at: new Date(now - 60 * seconds).toISOString() };
    expect(judgeObjective(limits, counted([100, 9], [100, 9]), missed, now)).toBe(missed);
    expect(judgeObjective(limits, counted([100, 9], [100, 9]), older, now)?.message).toContain("9 % of 200");
    const slow = { ...missed, reason: "LatencyTooHigh" as const };
    expect(judgeObjective(limits, counted([100, 9], [100, 9]), slow, now)?.reason).toBe("ErrorRateTooHigh");
  });
});
