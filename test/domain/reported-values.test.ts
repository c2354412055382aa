import { describe, expect, it } from "vitest";
import { measureReported, type ReportedReading, type ReportedSample } from "../../domain/reported-values.ts";
import { begin, minute } from "../doubles/readings.ts";

const range = (minutes: number, from = 0) => ({ from: begin + from * minute, until: begin + (from + minutes) * minute, step: minute });
const counter = (value: number, labels = {}): ReportedSample => ({ name: "served_total", kind: "counter", labels, numbers: [value] });
const gauge = (value: number): ReportedSample => ({ name: "waiting", kind: "gauge", labels: {}, numbers: [value] });
const distribution = (sum: number, count: number): ReportedSample => ({
  ...{ name: "took_seconds", kind: "distribution", labels: {}, numbers: [sum, count] },
});

function reading(minutes: number, instances: Record<string, ReportedSample[]>, over: Partial<ReportedReading> & { made?: number } = {}) {
  const { made = 0, ...rest } = over;
  const told = Object.entries(instances).map(([name, samples]) => [name, { made_at: begin + made * minute, samples }]);
  return {
    ...{ at: begin + minutes * minute, slot: "blue", revision: 1, epoch: 1, component: "predictor", problem: null },
    ...rest,
    instances: Object.fromEntries(told),
  } as ReportedReading;
}
const valuesOf = (readings: ReportedReading[], minutes: number, from = 0) =>
  measureReported(readings, range(minutes, from)).map(({ points }) => points.map(({ value }) => value));

describe("what servers tell of themselves", () => {
  it("is of a counter how much it grew, over all instances", () => {
    const readings = [reading(1, { one: [counter(10)], two: [counter(5)] }), reading(2, { one: [counter(12)], two: [counter(5)] })];
    expect(valuesOf(readings, 3)).toEqual([[15, 2, null]]);
  });

  it("is of a gauge the mean of what was told, and of a distribution the mean of what was observed and how often", () => {
    const readings = [
      reading(1, { one: [gauge(2), distribution(1, 10)], two: [gauge(4), distribution(3, 10)] }),
      reading(2, { one: [gauge(0), distribution(1, 10)], two: [gauge(1), distribution(3, 10)] }),
    ];
    const [took, waiting] = measureReported(readings, range(2));
    expect(took?.points).toMatchObject([
      { value: 0.2, count: 20 },
      { value: null, count: 0 },
    ]);
    expect(took?.total).toMatchObject({ value: 0.2, count: 20 });
    expect(waiting?.points).toMatchObject([
      { value: 3, count: null },
      { value: 0.5, count: null },
    ]);
    expect(waiting?.total).toMatchObject({ value: 1.75 });
  });

  it("goes on over a server that starts over, and one that comes", () => {
    const readings = [
      reading(1, { one: [counter(100), distribution(50, 100)] }),
      reading(2, { one: [counter(7), distribution(1, 2)] }),
      reading(3, { one: [counter(8), distribution(2, 4)], new: [counter(3)] }, { made: 2 }),
    ];
    expect(valuesOf(readings, 3)).toEqual([
      [100, 7, 4],
      [0.5, 0.5, 0.5],
    ]);
  });

  it("does not count what was counted before anybody read", () => {
    const old = { made: -600 };
    expect(valuesOf([reading(1, { one: [counter(1e9)] }, old), reading(2, { one: [counter(1e9 + 7)] }, old)], 2)).toEqual([[null, 7]]);
  });

  it("is a series for each component and set of labels, over both slots", () => {
    const readings = [
      reading(1, { one: [counter(1, { model: "a" }), counter(2, { model: "b" })] }),
      reading(1, { other: [counter(4, { model: "a" })] }, { slot: "green", epoch: 2 }),
      reading(1, { t: [counter(8, { model: "a" })] }, { component: "transformer" }),
    ];
    const found = measureReported(readings, range(1)).map(({ component, labels, total }) => [component, labels.model, total.value]);
    expect(found).toEqual([
      ["predictor", "a", 5],
      ["predictor", "b", 2],
      ["transformer", "a", 8],
    ]);
  });

  it("begins a range with what was told just before it", () => {
    expect(valuesOf([reading(1, { one: [counter(10)] }), reading(2, { one: [counter(30)] })], 1, 1)).toEqual([[20]]);
  });
});
