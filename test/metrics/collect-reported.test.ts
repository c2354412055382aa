import { beforeEach, expect, it } from "vitest";
import { labels, metricsAnnotation } from "../../domain/names.ts";
import { prometheusValues } from "../../lambdas/adapters/prometheus-values.ts";
import { collectReported } from "../../lambdas/metrics/collect-reported.ts";
import { MemoryCluster } from "../doubles/memory-cluster.ts";
import { MemoryMetrics } from "../doubles/memory-metrics.ts";
import { TestClock } from "../doubles/test-clock.ts";

const uid = "01KAEXAMPLE0000000FZZ13Q00";
const names = ["served_total", "took_seconds", "waiting"];
const own = { [labels.managedBy]: "slipway", [labels.uid]: uid, [labels.slot]: "blue", [labels.revision]: "3", [labels.epoch]: "5" };
const made = "2026-11-21T08:00:00Z";

let cluster: MemoryCluster;
let store: MemoryMetrics;
let warned: string[];
let clock: TestClock;
let asked: string[];

beforeEach(() => {
  [cluster, store, clock, warned, asked] = [new MemoryCluster(), new MemoryMetrics(), new TestClock(), [], []];
});

const service = (annotations: Record<string, string> | undefined, component = "predictor") => ({
  ...{ apiVersion: "v1", kind: "Service" },
  metadata: { name: "iris", namespace: "models", labels: { ...own, [labels.component]: component }, ...(annotations && { annotations }) },
});
const told = (place = { port: 8080, path: "/metrics", names }) => service({ [metricsAnnotation]: JSON.stringify(place) });

function pod(name: string, text: string | number, ready = "True", component = "predictor"): void {
  cluster.put({
    ...{ apiVersion: "v1", kind: "Pod" },
    metadata: { name, namespace: "models", creationTimestamp: made, labels: { ...own, [labels.component]: component } },
    status: { conditions: [{ type: "Ready", status: ready }] },
  });
  cluster.backends.set(name, ({ path }) => {
    asked.push(`${name}${path}`);
    return typeof text === "number" ? { status: text, body: "" } : { status: 200, body: text };
  });
}
const text = (served: number) => `# TYPE served_total counter
served_total{outcome="ok"} ${served}
# TYPE took_seconds histogram
took_seconds_bucket{le="1"} ${served}
took_seconds_sum ${served / 10}
took_seconds_count ${served}
# TYPE waiting gauge
waiting 2
other 9
`;

async function collect(services = [told()]) {
  const log = { warn: (message: string) => void warned.push(message) };
  await collectReported("local", cluster, services, { values: prometheusValues(async () => cluster), store, clock, log });
  return store.reported.get(uid) ?? [];
}

it("keeps what each ready instance tells, by the names that were asked for", async () => {
  pod("one", text(10));
  pod("two", text(4));
  pod("starting", text(0), "False");
  const [reading] = await collect();
  expect(reading).toMatchObject({ at: clock.now(), slot: "blue", component: "predictor", revision: 3, epoch: 5, problem: null });
  expect(Object.keys(reading?.instances ?? {})).toEqual(["one", "two"]);
  expect(reading?.instances.one).toEqual({
    made_at: Date.parse(made),
    samples: [
      { name: "served_total", kind: "counter", labels: { outcome: "ok" }, numbers: [10] },
      { name: "took_seconds", kind: "distribution", labels: {}, numbers: [1, 10] },
      { name: "waiting", kind: "gauge", labels: {}, numbers: [2] },
    ],
  });
  expect(asked).toEqual(["one/metrics", "two/metrics"]);
});

it("asks nobody where no Service says that its servers tell anything", async () => {
  pod("one", text(1));
  expect(await collect([service(undefined)])).toEqual([]);
  expect(asked).toEqual([]);
});

it.each(["no JSON", "{}", '{"port":8080,"path":"metrics","names":[]}', '{"port":8080,"path":"/m","names":["a(b"]}', '["x"]', "null"])(
  "leaves alone a Service that says %s, and reads the others",
  async (written) => {
    pod("one", text(1));
    expect(await collect([service({ [metricsAnnotation]: written }), told()])).toHaveLength(1);
    expect([asked, warned]).toEqual([["one/metrics"], []]);
  },
);

it("asks the component that tells and no other", async () => {
  pod("predictor", text(1));
  pod("transformer", text(1), "True", "transformer");
  await collect();
  expect(asked).toEqual(["predictor/metrics"]);
});

it.each([
  ["answers with something else", 404, "instance one answers GET /metrics on port 8080 with 404"],
  ["tells other things", "up 1\n", "instance one tells none of served_total, took_seconds, waiting at /metrics"],
  ["tells what cannot be read", "served_total{ 1\n", "instance one could not be asked for its values"],
])("says so of a server that %s, and keeps what the others tell", async (_what, answer, problem) => {
  pod("one", answer);
  pod("two", text(4));
  const [reading] = await collect();
  expect(reading?.problem).toContain(problem);
  expect(Object.keys(reading?.instances ?? {})).toEqual(["two"]);
});

it("keeps a bounded part of what is told, and says so", async () => {
  const many = Array.from({ length: 50 }, (_, index) => `served_total{user="${index}"} 1`).join("\n");
  pod("one", `${many}\nwaiting{path="${"x".repeat(200)}"} 1\n`);
  const [reading] = await collect();
  expect(reading?.instances.one?.samples).toHaveLength(20);
  expect(reading?.problem).toContain("31 series more");
});

it("reads ten instances of a component, the same ones each time, and says how many there are", async () => {
  for (let index = 0; index < 12; index += 1) pod(`pod-${String(index).padStart(2, "0")}`, text(1));
  const [reading] = await collect();
  expect(Object.keys(reading?.instances ?? {})).toEqual(Array.from({ length: 10 }, (_, index) => `pod-0${index}`));
  expect(reading?.problem).toContain("10 of 12 instances");
});

it("begins no reading after its time, and says what was left out", async () => {
  pod("one", text(1));
  const services = Array.from({ length: 60 }, () => told());
  const read = cluster.podProxy.bind(cluster);
  cluster.podProxy = async (...given) => {
    clock.time += 2_000;
    return read(...given);
  };
  await collect(services);
  expect(warned).toEqual(["values of 35 of 60 components in cluster local were not read in time"]);
});
