import { expect, test } from "vitest";
import type { SmokeTestResult } from "../../domain/evidence.ts";
import { evidenceFields, evidenceIn } from "../../lambdas/adapters/dynamodb-evidence.ts";

const probe: SmokeTestResult = {
  name: "server is live",
  passed: true,
  request: { method: "GET", path: "/v2/health/live", body: null },
  response: { status: 200, body: "", latency_ms: 3 },
  failure: null,
};
const sent = { method: "POST", path: "/v2/models/iris/infer", body: "{}" };

test.each<[string, SmokeTestResult]>([
  ["a probe", probe],
  ["a request that says little", { ...probe, request: sent, note: "answered 400" }],
  ["a wrong answer", { ...probe, passed: false, request: sent, response: { ...probe.response, body: "{}" }, failure: "answered 500" }],
  ["no answer", { ...probe, passed: false, response: { status: null, body: null, latency_ms: 0 }, failure: "not reached" }],
])("evidence is read as it was kept: %s", (_, result) => {
  expect(evidenceIn(evidenceFields({ smoke_tests: [result, probe] }))?.smoke_tests).toEqual([result, probe]);
});
