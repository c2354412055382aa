import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { conversation } from "./support/conversation.ts";
import { isReady, namespaced, pod, pods, service, services, slices } from "./support/objects.ts";

let it: ClusterUnderTest;
beforeAll(async () => {
  it = await startTestCluster();
  await it.api.create(pods, pod("web", {}, { env: [{ name: "TAG", value: "t" }] }));
  await it.api.create(services, service("web"));
  const unnamed = { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] };
  await it.api.create(services, { apiVersion: "v1", kind: "Service", metadata: { name: "unnamed" }, spec: unnamed });
  await it.api.until(pods, "web", isReady);
  for (const name of ["web-", "unnamed-"]) {
    await it.api.untilAny(slices, (slice) => slice.metadata.name.startsWith(name) && slice.endpoints?.[0]?.conditions.ready === true);
  }
});
afterAll(() => it.stop());

test.each([
  ["a port without a name", "services/unnamed"],
  ["a port by number", "services/web:80"],
  ["a port by name", "services/web:http"],
  ["scheme, name and port", "services/http:web:80"],
  ["a pod's port", "pods/web:8080"],
  ["a pod's first port", "pods/web"],
])("%s", async (_what, target) => {
  const answer = await it.api.call("PUT", `${namespaced}/${target}/proxy/v2/models/a%20b?x=1&y=2`, "body", {
    "X-Mine": "1",
    "Content-Type": "text/plain",
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ tag: "t", method: "PUT", url: "/v2/models/a%20b?x=1&y=2", body: "body" });
  expect(answer.body.headers).toMatchObject({ "x-mine": "1", "content-type": "text/plain", "x-forwarded-for": "127.0.0.1" });
});

test("status and body of the backend are its own", async () => {
  await it.api.get(`${pods}/web:8080/proxy/set?live=no`);
  const answer = await it.api.get(`${services}/web:80/proxy/live`);
  expect([answer.status, answer.text]).toEqual([500, ""]);
});

test("both directions are streamed", async () => {
  const ca = Buffer.from(it.cluster.certificateAuthority, "base64");
  const headers = { Authorization: `Bearer ${it.cluster.adminToken}` };
  const said = await conversation(`${it.cluster.endpoint}${services}/web:80/proxy/stream`, { ca, headers });
  expect(said).toBe("first\nsecond\nlast\n");
});

test.each([
  ["services/none", 404, "NotFound", 'services "none" not found'],
  ["services/web:81", 503, "ServiceUnavailable", 'no service port 81 found for service "web"'],
  ["services/empty", 503, "ServiceUnavailable", 'no endpoints available for service "empty"'],
  ["services/empty:80", 503, "ServiceUnavailable", 'no endpoints available for service "empty"'],
  ["services/web:grpc", 503, "ServiceUnavailable", 'no endpoints available for service "web:grpc"'],
  ["services/web", 503, "ServiceUnavailable", 'no endpoints available for service "web"'],
  ["pods/web:99999", 503, "ServiceUnavailable", "error trying to reach service: dial tcp: address 99999: invalid port"],
  ["pods/ftp:web:8080", 400, "BadRequest", 'invalid pod request "ftp:web:8080"'],
  ["pods/a:b:c:d", 400, "BadRequest", 'invalid pod request "a:b:c:d"'],
  ["services/a:b:c:d", 400, "BadRequest", 'invalid service request "a:b:c:d"'],
  ["pods/none", 404, "NotFound", 'pods "none" not found'],
  ["pods/web:9", 503, "ServiceUnavailable", /^error trying to reach service: dial tcp 10\.244\.\d+\.\d+:9: connect: connection refused$/],
])("%s: %i", async (target, code, reason, message) => {
  await it.api.create(services, service("empty"));
  const { body } = await it.api.get(`${namespaced}/${target}/proxy/x`);
  const text = typeof message === "string" ? message : expect.stringMatching(message);
  expect(body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message: text });
});

test("a backend that is just gone is a refused connection", async () => {
  await it.api.create(pods, pod("going", { restartPolicy: "Never" }));
  await it.api.until(pods, "going", isReady);
  await it.api.get(`${pods}/going:8080/proxy/exit?code=0`);
  await it.api.until(pods, "going", (each) => each.status.phase === "Succeeded");
  expect((await it.api.get(`${pods}/going:8080/proxy/`)).body).toMatchObject({
    code: 503,
    message: expect.stringMatching(/^error trying to reach service: dial tcp 10\.[\d.]+:8080: connect: connection refused$/),
  });
});

test("a path that is left out is redirected to the root", async () => {
  const answer = await it.api.get(`${services}/web/proxy`);
  expect([answer.status, answer.headers.location]).toEqual([301, `${services}/web/proxy/`]);
});

test("a pod's port by name is broken off, as a real API server does", async () => {
  await expect(it.api.get(`${pods}/web:http/proxy/`)).rejects.toThrow("socket hang up");
});
