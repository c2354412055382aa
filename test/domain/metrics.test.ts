import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../domain/metrics.ts";
import { aReading, begin, counters, minute } from "../doubles/readings.ts";

const range = (minutes: number, from = 0) => ({ from: begin + from * minute, until: begin + (from + minutes) * minute, step: minute });
const requestsIn = (points: { requests: number | null }[]) => points.map(({ requests }) => requests);

describe("metrics", () => {
  it("are what was counted between readings, as rates, shares and quantiles", () => {
    const readings = [aReading(1, { one: counters(60, 6, 3) }), aReading(2, { one: counters(180, 6, 3, 120) })];
    const { points, total } = measure(readings, range(2));
    expect(points).toEqual([
      {
        ...{ at: "2026-11-21T09:00:00.000Z", observed_seconds: 60, requests: 60, requests_per_second: 1 },
        ...{ server_errors: 6, client_errors: 3, success_rate_percent: 90 },
        ...{ latency_p50_ms: 50, latency_p95_ms: 95, latency_p99_ms: 99 },
      },
      {
        ...{ at: "2026-11-21T09:01:00.000Z", observed_seconds: 60, requests: 120, requests_per_second: 2 },
        ...{ server_errors: 0, client_errors: 0, success_rate_percent: 100 },
        ...{ latency_p50_ms: 100, latency_p95_ms: 280, latency_p99_ms: 296 },
      },
    ]);
    expect(total).toMatchObject({ observed_seconds: 120, requests: 180, requests_per_second: 1.5, server_errors: 6 });
  });

  it("tell no success and no latency without a request, and nothing at all of a time that nobody has observed", () => {
    const { points } = measure([aReading(1, {}), aReading(2, {})], range(3));
    expect(points[1]).toMatchObject({ requests: 0, requests_per_second: 0, server_errors: 0 });
    expect(points[1]).toMatchObject({ success_rate_percent: null, latency_p50_ms: null, latency_p99_ms: null });
    expect(points[2]).toMatchObject({ observed_seconds: 0, requests: null, requests_per_second: null, server_errors: null });
    expect(points[2]).toMatchObject({ client_errors: null, success_rate_percent: null, latency_p95_ms: null });
  });

  it("go on over a gateway that starts over, comes, goes and comes back", () => {
    const readings = [
      aReading(1, { one: counters(100), two: counters(50) }),
      aReading(2, { one: counters(10), two: counters(55) }),
      aReading(3, { one: counters(15) }),
      aReading(4, { one: counters(15), two: counters(57), three: counters(4) }),
    ];
    expect(requestsIn(measure(readings, range(4)).points)).toEqual([150, 15, 5, 6]);
  });

  it("do not count what was counted before anybody read", () => {
    const old = { made_at: begin - 600 * minute };
    const readings = [aReading(1, { one: counters(1_000_000) }, old), aReading(2, { one: counters(1_000_007) }, old)];
    expect(requestsIn(measure(readings, range(2)).points)).toEqual([null, 7]);
  });

  it("begin a range with what was read just before it", () => {
    const readings = [aReading(1, { one: counters(10) }), aReading(2, { one: counters(30) })];
    expect(requestsIn(measure(readings, range(2, 1)).points)).toEqual([20, null]);
  });

  it("tell what was counted over a gap where it ends, with the time that it took", () => {
    const readings = [aReading(1, { one: counters(0) }), aReading(6, { one: counters(300) })];
    const { points } = measure(readings, range(6));
    expect(requestsIn(points)).toEqual([0, null, null, null, null, 300]);
    expect(points[5]).toMatchObject({ observed_seconds: 300, requests_per_second: 1 });
  });

  it("add up slots that have traffic at once, in the time that passed once", () => {
    const green = { slot: "green", revision: 2, epoch: 2 } as const;
    const readings = [aReading(1, { one: counters(90) }), aReading(1, { one: counters(30, 30) }, green)];
    expect(measure(readings, range(1)).points[0]).toMatchObject({ requests: 120, requests_per_second: 2, success_rate_percent: 75 });
  });

  it("lose and double no request, however the readings lie and whatever the step", () => {
    const grown = fc.array(fc.nat(1000), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(grown, fc.integer({ min: 1, max: 30 }), (growth, stepMinutes) => {
        let [count, at] = [0, 0];
        const readings = growth.map((requests, index) => {
          count += requests;
          at += 1 + (requests % 3);
          return aReading(at, { one: counters(count) }, { made_at: begin - (index === 0 ? 0 : 1) });
        });
        const step = stepMinutes * minute;
        const until = begin + Math.ceil((at * minute) / step) * step;
        const { points, total } = measure(readings, { from: begin, until, step });
        const told = points.reduce((sum, { requests }) => sum + (requests ?? 0), 0);
        expect([told, total.requests]).toEqual([count, count]);
      }),
    );
  });
});
