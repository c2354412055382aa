import { afterAll, beforeAll, expect, test } from "vitest";
import type { Any } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { namespaced, pod, pods } from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
});
afterAll(() => it.stop());

const configMaps = `${namespaced}/configmaps`;

test.each([
  ["GET", "/apis/batch/v1/jobs", "batch/v1 jobs"],
  ["GET", `${pods}/x/exec`, "v1 pods/exec"],
  ["DELETE", configMaps, "deletecollection"],
])("%s %s is 404 and says what there is none of", async (method, path, missing) => {
  const { body } = await it.api.call(method, path);
  expect(body).toMatchObject({ code: 404, reason: "NotFound", message: expect.stringContaining(`the local cluster has no ${missing}`) });
});

test("impersonation by more than user and groups is 404", async () => {
  const { body } = await it.api.call("GET", pods, undefined, { "Impersonate-User": "somebody", "Impersonate-Extra-Scopes": "view" });
  expect(body).toMatchObject({ code: 404, message: expect.stringContaining("impersonation by impersonate-extra-scopes") });
});

test("a patch of another kind is 415", async () => {
  await it.api.create(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
  const { body } = await it.api.call("PATCH", `${configMaps}/a`, "[]", { "Content-Type": "application/json-patch+json" });
  expect(body).toMatchObject({ code: 415, message: expect.stringContaining("application/merge-patch+json") });
});

const grpc = { readinessProbe: { grpc: { port: 1 } } };
test.each<[string, Any, string]>([
  ["a volume of the host", pod("p", { volumes: [{ name: "v", hostPath: { path: "/" } }] }), "no volumes of type hostPath"],
  ["a gRPC probe", pod("p", {}, grpc), "no gRPC probes"],
  ["a postStart hook", pod("p", {}, { lifecycle: { postStart: { exec: { command: ["true"] } } } }), "no postStart hooks"],
])("%s is 422 and named", async (_what, body, missing) => {
  const answer = await it.api.create(pods, body);
  expect(answer.body).toMatchObject({ code: 422, reason: "Invalid", message: expect.stringContaining(missing) });
});
