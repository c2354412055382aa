import { createHmac } from "node:crypto";
import type { JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment } from "./image.ts";
import { bearer, create, notFound, now, Refusing, refuses } from "./refusals.ts";
import type { Answer } from "./system.ts";

let refusing: Refusing;
beforeAll(async () => {
  refusing = await Refusing.start();
});
afterAll(() => refusing?.stop());

describe("somebody who may not", () => {
  refuses(
    () => refusing,
    [
      [
        "a viewer creates",
        "POST /v1/deployments",
        { ...create({}), as: "viewer" },
        { status: 403, code: "forbidden", says: /role member/ },
      ],
      ["a viewer starts", "POST /v1/deployments/there/start", { as: "viewer" }, { status: 403, code: "forbidden" }],
      ["a viewer patches", "PATCH /v1/deployments/there", { as: "viewer", body: {} }, { status: 403, code: "forbidden" }],
      ["a viewer deletes", "DELETE /v1/deployments/there?name=there", { as: "viewer" }, { status: 403, code: "forbidden" }],
      [
        "a viewer registers",
        "POST /v1/models",
        { as: "viewer", body: { group: "demo", name: "mine" } },
        { status: 403, code: "forbidden" },
      ],
      ["a member makes a group", "PUT /v1/groups/mine", { body: {} }, { status: 403, code: "forbidden", says: /platform:admin/ }],
    ],
  );

  it.each([
    ["GET", ""],
    ["GET", "/state"],
    ["GET", "/instances"],
    ["GET", "/events"],
    ["GET", "/operations"],
    ["GET", "/revisions/1"],
    ["POST", "/start"],
    ["PATCH", ""],
    ["DELETE", "?name=hidden"],
  ])("%s of another group's deployment%s is answered as if it did not exist", async (method, rest) => {
    const ask = (id: string) => () =>
      refusing.system.call(method, `/v1/deployments/${id}${rest}`, method === "PATCH" ? { body: { description: "mine" } } : {});
    await refusing.expectRefused(ask("hidden"), notFound(/no deployment hidden/));
    const [hidden, nothing] = [await ask("hidden")(), await ask("absent")()];
    const comparable = ({ body: { request_id: _, ...body } }: Answer) => JSON.stringify(body).replaceAll(/hidden|absent/g, "…");
    expect(comparable(hidden)).toBe(comparable(nothing));
  });
});

describe("a token that is", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  /** The published key used as if it were a shared secret. */
  const confused = async () => {
    const { n, e, kid } = refusing.issuerKey;
    const content = `${part({ alg: "HS256", kid })}.${(await refusing.signed({})).split(".")[1]}`;
    return `${content}.${createHmac("sha256", JSON.stringify({ kty: "RSA", n, e }))
      .update(content)
      .digest("base64url")}`;
  };
  const otherKey = async (): Promise<JWK> => {
    const { privateKey } = await crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
      true,
      ["sign", "verify"],
    );
    return (await crypto.subtle.exportKey("jwk", privateKey)) as JWK;
  };

  it.each<[string, () => Promise<string | null>, string]>([
    ["missing", async () => null, "Bearer"],
    ["no token", async () => "hello", "invalid_token"],
    ["expired", () => refusing.signed({ exp: now() - 60 }), "the token has expired"],
    ["not valid yet", () => refusing.signed({ nbf: now() + 600 }), "invalid_token"],
    ["signed by somebody else", async () => refusing.signed({}, await otherKey()), "invalid_token"],
    ["not signed at all", async () => `${part({ alg: "none" })}.${(await refusing.signed({})).split(".")[1]}.`, "invalid_token"],
    ["signed with the public key", confused, "invalid_token"],
    [
      "changed",
      async () => (await refusing.signed({})).replace(/\.[^.]+\./, `.${part({ sub: "admin", aud: "slipway" })}.`),
      "invalid_token",
    ],
    ["meant for somebody else", () => refusing.signed({ aud: "another" }), "the token does not have a valid audience"],
    ["of another issuer", () => refusing.signed({ iss: "https://elsewhere.example" }), "invalid_token"],
  ])("%s is refused by the gateway, which says why", async (_what, token, why) => {
    const given = await token();
    const headers = given === null ? {} : bearer(given);
    const before = await refusing.everything();
    for (const [method, path] of [
      ["GET", "/v1/deployments"],
      ["POST", "/v1/deployments/there/start"],
    ] as const) {
      const answer = await refusing.system.call(method, path, { as: null, headers });
      expect([answer.status, answer.body]).toEqual([401, { message: "Unauthorized" }]);
      expect(answer.headers.get("www-authenticate")).toContain(why);
      expect(answer.headers.get("apigw-requestid")).toMatch(/./);
    }
    expect(await refusing.everything()).toEqual(before);
  });

  it("all right but for naming nobody is a problem of its own", async () => {
    const headers = bearer(await refusing.signed({ sub: "" }));
    await refusing.expectRefused(() => refusing.system.call("GET", "/v1/me", { headers }), { status: 401, code: "unauthenticated" });
  });

  it("all right but for having no role sees nothing", async () => {
    const headers = bearer(await refusing.signed({ groups: ["demo", "demo:owner", "demo:member:x", ":member"] }));
    expect((await refusing.system.call("GET", "/v1/deployments", { headers })).body.items).toEqual([]);
    await refusing.expectRefused(() => refusing.system.call("GET", "/v1/deployments/there", { headers }), notFound(/no deployment there/));
  });
});

describe("the same request twice", () => {
  const key = (value: string) => ({ "idempotency-key": value });

  it("under one Idempotency-Key has one effect and one answer", async () => {
    const create = { body: echoDeployment("once", { start: false }), headers: key("create-once") };
    const first = await refusing.system.call("POST", "/v1/deployments", create);
    expect(first.status).toBe(201);
    const after = await refusing.everything();
    const second = await refusing.system.call("POST", "/v1/deployments", create);
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(await refusing.everything()).toEqual(after);
  });

  it("under one Idempotency-Key with another body is refused", async () => {
    const ask = () =>
      refusing.system.call("POST", "/v1/deployments", { body: echoDeployment("other", { start: false }), headers: key("create-once") });
    await refusing.expectRefused(ask, { status: 422, code: "idempotency-key-reused", says: /create-once/ });
  });

  it("under the Idempotency-Key of somebody else is another request", async () => {
    const create = { body: echoDeployment("theirs", { start: false }), headers: key("create-once") };
    expect((await refusing.system.call("POST", "/v1/deployments", { ...create, as: "admin" })).status).toBe(201);
  });

  it("at once under one Idempotency-Key starts one operation, and both hear of it", async () => {
    await refusing.made("/v1/deployments", echoDeployment("keyed", { start: false }));
    const start = () => refusing.system.call("POST", "/v1/deployments/keyed/start", { headers: key("start-once") });
    const answers = await Promise.all([start(), start(), start()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body.operation.id)).size).toBe(1);
    expect((await refusing.system.call("GET", "/v1/deployments/keyed/operations")).body.items).toHaveLength(1);
  });

  it("by two clients at once: the id goes to one, the other hears that it is taken", async () => {
    const create = (as: string) => refusing.system.call("POST", "/v1/deployments", { as, body: echoDeployment("race", { start: false }) });
    const answers = await Promise.all([create("member"), create("admin")]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect([won?.status, lost?.status, lost?.body.code]).toEqual([201, 409, "name-taken"]);
    const { body } = await refusing.system.call("GET", "/v1/deployments/race");
    expect(body.uid).toBe(won?.body.deployment.uid);
    expect((await refusing.system.call("GET", "/v1/deployments?search=race")).body.items).toHaveLength(1);
  });

  it("by two clients at once: one starts, the other hears which operation runs", async () => {
    const start = () => refusing.system.call("POST", "/v1/deployments/race/start");
    const answers = await Promise.all([start(), start()]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect([won?.status, lost?.status]).toEqual([202, 409]);
    expect(lost?.body).toMatchObject({
      code: "operation-in-progress",
      operation_id: won?.body.operation.id,
      allowed: ["stop", "restart", "abort", "delete"],
    });
    expect((await refusing.system.call("GET", "/v1/deployments/race/operations")).body.items).toHaveLength(1);
  });

  it("by two clients at once with If-Match: one changes, the other is told that it has moved", async () => {
    const patch = (description: string) =>
      refusing.system.call("PATCH", "/v1/deployments/there", { body: { description }, headers: { "if-match": '"1"' } });
    const answers = await Promise.all([patch("one"), patch("two")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await refusing.system.call("GET", "/v1/deployments/there")).body.revisions.wanted).toBe(2);
  });
});
