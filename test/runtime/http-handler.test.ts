import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../../domain/errors.ts";
import { type HttpRequest, httpHandler } from "../../lambdas/runtime/http-handler.ts";
import { send } from "../doubles/http-event.ts";
import { quietLog } from "../doubles/quiet-log.ts";

let log = quietLog();
let seen: HttpRequest | undefined;
beforeEach(() => {
  log = quietLog();
  seen = undefined;
});

const handler = () =>
  httpHandler(
    {
      "POST /v1/things/{id}": async (request) => {
        // With everything that is read only when it is asked for.
        seen = { ...request };
        return { status: 201, headers: { location: "/v1/things/1" }, body: { ok: true } };
      },
      "GET /v1/problem": async () => {
        throw new Problem("not-allowed-in-status", "start is not possible", { members: { status: "RUNNING", allowed: ["stop"] } });
      },
      "GET /v1/defect": async () => {
        throw new TypeError("cannot read property of table slipway-record-XYZ");
      },
    },
    log,
  );
const post = (over: object = {}) => send(handler(), { route: "POST /v1/things/{id}", parameters: { id: "a" }, ...over });

describe("the HTTP wrapper", () => {
  it("hands a decoded request on and sends the answer as JSON that nobody keeps", async () => {
    const answer = await post({ body: { name: "é" }, query: { wait: "5" }, claims: { sub: "ada" }, headers: { "if-match": '"3"' } });
    expect(seen).toMatchObject({
      method: "POST",
      path: "/v1/things/a",
      parameters: { id: "a" },
      query: { wait: "5" },
      body: { name: "é" },
    });
    expect(seen).toMatchObject({ claims: { sub: "ada" }, requestId: "request-1", headers: { "if-match": '"3"' } });
    expect(answer).toMatchObject({ status: 201, body: { ok: true } });
    expect(answer.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store", location: "/v1/things/1" });
  });

  it("takes a body in base64", async () => {
    await post({ body: { name: "é" }, base64: true });
    expect(seen?.body).toEqual({ name: "é" });
  });

  it("takes no body at all", async () => {
    await post();
    expect(seen).toMatchObject({ body: undefined, claims: {}, query: {} });
  });

  it.each([
    ["broken JSON", { body: '{"a": "secret-value' }, 400, "invalid-input"],
    ["no JSON", { body: "a=secret-value", headers: { "content-type": "application/x-www-form-urlencoded" } }, 400, "invalid-input"],
    ["no content type", { body: "{}", headers: { "content-type": "" } }, 400, "invalid-input"],
    ["a body that is too large", { body: JSON.stringify("x".repeat(256 * 1024)) }, 413, "too-large"],
    ["a body that is too large in base64", { body: JSON.stringify("x".repeat(256 * 1024)), base64: true }, 413, "too-large"],
  ])("refuses %s, quoting nothing of it", async (_, over, status, code) => {
    const answer = await post(over);
    expect(answer).toMatchObject({ status, body: { code, status, request_id: "request-1" } });
    expect(JSON.stringify(answer.body)).not.toContain("secret-value");
    expect(JSON.stringify(log.lines)).not.toContain("secret-value");
    expect(seen).toBeUndefined();
  });

  it("takes a body of exactly the largest size", async () => {
    expect(await post({ body: JSON.stringify("x".repeat(256 * 1024 - 2)) })).toMatchObject({ status: 201 });
  });

  it("takes JSON with a charset and a merge patch", async () => {
    for (const type of ["application/json; charset=utf-8", "application/merge-patch+json"]) {
      expect(await post({ body: "{}", headers: { "content-type": type } })).toMatchObject({ status: 201 });
    }
  });

  it("answers a problem as RFC 9457 says", async () => {
    const answer = await send(handler(), { route: "GET /v1/problem" });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer).toMatchObject({
      status: 409,
      body: {
        type: "urn:slipway:problem:not-allowed-in-status",
        status: 409,
        detail: "start is not possible",
        allowed: ["stop"],
        request_id: "request-1",
      },
    });
  });

  it("hides a defect from the caller and logs it whole", async () => {
    const answer = await send(handler(), { route: "GET /v1/defect" });
    expect(answer).toMatchObject({ status: 500, body: { code: "internal", request_id: "request-1" } });
    expect(JSON.stringify(answer.body)).not.toContain("slipway-record");
    expect(log.lines.find(({ level }) => level === "error")?.extra).toBeInstanceOf(TypeError);
  });

  it("knows no other route", async () => {
    expect(await send(handler(), { route: "GET /v1/other" })).toMatchObject({ status: 404, body: { code: "not-found" } });
  });
});
