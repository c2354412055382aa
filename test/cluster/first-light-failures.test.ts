import { afterAll, describe, expect, test } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import { startEmptyRegistry } from "./support/empty-registry.ts";
import { Product } from "./support/product.ts";
import { cluster, isLocal } from "./target.ts";

interface Failing {
  /** Of the revision that fails; the one before it serves. */
  patch: object;
  /** Where on its way it stopped, and why. */
  condition: { type: string; reason: RegExp };
  cause: RegExp;
  /** What is kept of it: reasons of events, and the last lines that a container has written. */
  events?: string[];
  lines?: string[];
}

const registry = await startEmptyRegistry();
const emptyRegistry = registry.address;

const mode = (MODE: string, more: Record<string, string> = {}) => ({
  predictor: { env: Object.entries({ MODE, ...more }).map(([name, value]) => ({ name, value })) },
});
const greeting = { name: "greets", method: "GET", path: "/hello", expect: { status: 200, json: { tag: "hello" } } };
const whose = "^predictor of revision 2 \\(green\\): ";

// Those that take longest come first: they wait for a time of the product's own.
const failing: Record<string, Failing> = {
  "is not ready by its deadline": {
    patch: { ...mode("serve", { READY: "no" }), rollout: { deadline_seconds: 60 } },
    condition: { type: "READY", reason: /^(DeadlineExceeded|ContainersNotReady|ProgressDeadlineExceeded)$/ },
    cause:
      /^(not ready by the deadline .*predictor of revision 2 \(green\): |predictor of revision 2 \(green\): not ready by its deadline: )the server runs but is not ready: Readiness probe failed: HTTP probe failed with statuscode: 503/,
    events: ["Unhealthy"],
    lines: ["listening"],
  },
  "is too large for every node": {
    patch: { predictor: { instance_type: "gpu.xlarge" } },
    condition: { type: "SCHEDULED", reason: /^Unschedulable$/ },
    cause: new RegExp(
      `${whose}no node has room: 0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Insufficient nvidia.com/gpu`,
    ),
    events: ["FailedScheduling"],
  },
  "needs more memory than its instance type has": {
    patch: mode("eat"),
    condition: { type: "STARTED", reason: /^OOMKilled$/ },
    cause: new RegExp(
      `${whose}out of memory: the server needs more than its instance type has \\(exit code 137 \\(SIGKILL\\), restarted (twice|2 times)\\)`,
    ),
    events: ["BackOff"],
  },
  "ends again and again": {
    patch: mode("crash", { ARGUMENT: "3" }),
    condition: { type: "STARTED", reason: /^CrashLoopBackOff$/ },
    cause: new RegExp(`${whose}the server crashed \\(exit code 3(, restarted [^)]*)?\\): boom: 3$`),
    events: ["BackOff"],
    lines: ["starting", "boom: 3"],
  },
  "has an image that its registry does not know": {
    patch: { predictor: { image: `${emptyRegistry}/absent:1` } },
    condition: { type: "INITIALIZED", reason: /^ImagePullBackOff$/ },
    cause: new RegExp(`${whose}image ${emptyRegistry}/absent:1 cannot be pulled: not found$`),
    events: ["Failed", "BackOff"],
  },
  "has a model that is not there": {
    patch: { predictor: { image: null, runtime: "onnx", model_uri: "s3://slipway-models/absent" } },
    condition: { type: "INITIALIZED", reason: /^(Error|CrashLoopBackOff)$/ },
    cause: new RegExp(
      `${whose}model download failed in container storage-initializer.*: no object absent and none below it in bucket slipway-models`,
    ),
    lines: ["s3://slipway-models/absent/ cannot be copied: no object absent and none below it in bucket slipway-models"],
  },
  "has a model that is none": {
    patch: { predictor: { image: null, runtime: "onnx", model_uri: "s3://slipway-models/broken" } },
    condition: { type: "STARTED", reason: /^CrashLoopBackOff$/ },
    cause: new RegExp(`${whose}the server crashed \\(exit code 1`),
    events: ["BackOff"],
  },
  "gives another answer than its smoke test expects": {
    patch: { predictor: { env: [{ name: "TAG", value: "goodbye" }] }, smoke_tests: [greeting] },
    condition: { type: "READY", reason: /^SmokeTestFailed$/ },
    cause: new RegExp(`${whose}smoke test greets \\(GET /hello\\): tag is "goodbye", expected "hello"$`),
  },
};

// On one small node two would leave each other no room.
describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("an update that", { concurrent: isLocal }, () => {
  afterAll(() => registry.stop());

  test.each(Object.keys(failing))("%s fails with that cause, and what served before serves on", { timeout: 400_000 }, async (name) => {
    const { patch, condition, cause, events = [], lines = [] } = failing[name] as Failing;
    const product = new Product();
    try {
      const started = await product.start({
        predictor: { image: cluster.images.server },
        rollout: { drain_seconds: 0, deadline_seconds: 300 },
      });
      expect(started).toMatchObject({ outcome: "SUCCEEDED", cause: null });
      await product.adopt();

      const operation = await product.update({ rollout: { deadline_seconds: 300 }, ...patch });
      expect(operation).toMatchObject({ outcome: "FAILED", cause: { message: expect.stringMatching(cause) } });
      const { last_operation, slots } = await product.head();
      expect(last_operation?.condition).toMatchObject({
        type: condition.type,
        status: "False",
        reason: expect.stringMatching(condition.reason),
      });
      expect(eventsOf(operation)).toEqual(expect.arrayContaining(events));
      expect(linesOf(operation)).toEqual(expect.arrayContaining(lines));

      expect(slots).toMatchObject({ blue: { revision: 1, role: "active", weight: 100 }, green: null });
      expect(await product.state()).toMatchObject({ status: "RUNNING", health: "healthy" });
      expect((await product.call("/hello")).status).toBe(200);
      expect(await product.answeredBy()).toMatch(/-1(\.1)?$/);
      await product.untilGone(2);
      expect(await product.delete()).toMatchObject({ outcome: "SUCCEEDED" });
      expect(await product.objects()).toEqual([]);
    } finally {
      await product.end();
    }
  });
});

const eventsOf = ({ evidence }: Operation) => [...new Set(evidence?.events.map(({ reason }) => reason))];
const linesOf = ({ evidence }: Operation) => evidence?.logs.flatMap((log) => log.lines) ?? [];
