import { beforeAll, describe, expect, test } from "vitest";
import { isReady, pod, service } from "./support/objects.ts";
import { api, proxied, type Scene, scene } from "./target.ts";

let here: Scene;
beforeAll(async () => {
  here = await scene("proxy");
  await api.make(here.pods, pod("web", {}, { env: [{ name: "TAG", value: "t" }] }));
  await api.make(here.services, service("web"));
  await api.make(here.services, service("unnamed", { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] }));
  await api.make(here.services, service("deaf", { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 9 }] }));
  await api.make(here.services, service("headless", { selector: { app: "web" }, clusterIP: "None" }));
  await api.make(here.services, service("empty"));
  await api.until(here.pods, "web", isReady);
  for (const name of ["web", "unnamed", "deaf", "headless"]) {
    const slices = `${here.slices}?labelSelector=kubernetes.io/service-name=${name}`;
    await api.untilAny(slices, (slice) => slice.endpoints?.[0]?.conditions.ready === true);
  }
});

const call = (target: string, path: string, method = "GET", body?: string, headers = {}) =>
  api.call(method, `${here.self}/${target}/proxy${path}`, body, headers);

describe("a request that arrives", () => {
  test.each([
    ["a port without a name", "services/unnamed"],
    ["a port by number", "services/web:80"],
    ["a port by name", "services/web:http"],
    ["the Service's port, of one that is headless", "services/headless:80"],
    ["scheme, name and port", "services/http:web:80"],
    ["a pod's port", "pods/web:8080"],
    ["a pod's first port", "pods/web"],
  ])("%s", async (_what, target) => {
    const sent = await call(target, "/v2/models/a%20b?x=1&y=2", "PUT", "body", { "X-Mine": "1", "Content-Type": "text/plain" });
    expect(sent.status).toBe(200);
    expect(sent.body).toMatchObject({ tag: "t", method: "PUT", url: "/v2/models/a%20b?x=1&y=2", body: "body" });
    expect(sent.body.headers).toMatchObject({ "x-mine": "1", "content-type": "text/plain", "x-forwarded-for": expect.any(String) });
    expect(sent.body.headers).not.toHaveProperty("authorization");
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"])("by %s", async (method) => {
    expect((await call("services/web:80", "/x", method)).body).toMatchObject({ method, url: "/x" });
  });

  test("status, headers and body of the backend are its own, errors too", async () => {
    const answer = await call("services/web:80", "/x");
    expect(answer.headers["x-removed"]).toBe("yes");
    for (const code of [400, 404, 429, 500, 503]) {
      const own = await call("services/web:80", `/status?code=${code}&body=mine`);
      expect([own.status, own.text]).toEqual([code, "mine"]);
    }
  });

  test("the answer is streamed", async () => {
    const pieces: string[] = [];
    await api.stream(`${here.services}/web:80/proxy/hold`, (piece) => {
      // Only what has arrived can have the rest sent.
      if (pieces.push(piece) === 1) void call("services/web:80", "/release");
    });
    expect(pieces.join("")).toBe("first\nlast\n");
  });

  test("a path that is left out is redirected to the root", async () => {
    const answer = await api.get(`${here.services}/web:80/proxy`);
    expect([answer.status, answer.headers.location]).toEqual([301, `${here.services}/web:80/proxy/`]);
  });
});

describe("a request that cannot arrive is answered by the API server", () => {
  const refused = /^error trying to reach service: dial tcp 10\.[\d.]+:9: connect: connection refused$/;
  test.each([
    ["services/none", 404, "NotFound", /^services "none" not found$/],
    ["services/none:80", 404, "NotFound", /^services "none" not found$/],
    ["services/web:81", 503, "ServiceUnavailable", /^no service port 81 found for service "web"$/],
    ["services/empty", 503, "ServiceUnavailable", /^no endpoints available for service "empty"$/],
    ["services/empty:80", 503, "ServiceUnavailable", /^no endpoints available for service "empty"$/],
    ["services/web:grpc", 503, "ServiceUnavailable", /^no endpoints available for service "web:grpc"$/],
    ["services/web", 503, "ServiceUnavailable", /^no endpoints available for service "web"$/],
    ["services/deaf:80", 503, "ServiceUnavailable", refused],
    ["pods/none", 404, "NotFound", /^pods "none" not found$/],
    ["pods/web:9", 503, "ServiceUnavailable", refused],
    ["pods/web:99999", 503, "ServiceUnavailable", /^error trying to reach service: dial tcp: address 99999: invalid port$/],
    ["pods/ftp:web:8080", 400, "BadRequest", /^invalid pod request "ftp:web:8080"$/],
    ["pods/a:b:c:d", 400, "BadRequest", /^invalid pod request "a:b:c:d"$/],
    ["services/a:b:c:d", 400, "BadRequest", /^invalid service request "a:b:c:d"$/],
  ])("%s: %i", async (target, code, reason, message) => {
    const answer = await call(target, "/x");
    expect(answer.status).toBe(code);
    expect(answer.body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason });
    expect(answer.body.message).toMatch(message);
  });

  test("a pod's port by name is broken off", async () => {
    await expect(call("pods/web:http", "/")).rejects.toThrow("socket hang up");
  });

  test("a pod that has ended", async () => {
    await api.make(here.pods, pod("gone", { restartPolicy: "Never" }));
    await api.until(here.pods, "gone", isReady);
    await proxied(here.pods, "gone", "/exit?code=0");
    await api.until(here.pods, "gone", (each) => each.status.phase === "Succeeded");
    const { body } = await call("pods/gone:8080", "/");
    expect(body).toMatchObject({
      code: 503,
      reason: "ServiceUnavailable",
      message: expect.stringMatching(/^error trying to reach service: /),
    });
  });
});
