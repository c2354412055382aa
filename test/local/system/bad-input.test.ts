// cspell:ignore enviroment acces smal onxx grup
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { importJWK, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { type Answer, System } from "./system.ts";

let system: System;
let folder: string;
let database: DynamoDBClient;
/** The issuer's own key: with it a token is wrong in just the one way that a test is about. */
let issuerKey: JWK;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-bad-input-"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
  const credentials = { accessKeyId: "test", secretAccessKey: "local" };
  database = new DynamoDBClient({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials });
  issuerKey = JSON.parse(await readFile(join(system.data, "oidc-keys.json"), "utf8")).jwks.keys[0];
  await made("/v1/deployments", echoDeployment("there", { start: false }));
  await made("/v1/models", { group: "demo", name: "scorer" });
  await made("/v1/models/demo/scorer/versions", { artifact_uri: "s3://models/scorer/1", runtime: "onnx" });
  await made("/v1/models", { group: "demo", name: "empty" });
  await made("/v1/models", { group: "fraud", name: "empty" });
  const elsewhere = await signed({ groups: ["elsewhere:member"] });
  await made("/v1/deployments", { ...echoDeployment("hidden", { start: false }), group: "elsewhere" }, bearer(elsewhere));
});
afterAll(async () => {
  database?.destroy();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function made(path: string, body: object, headers: Record<string, string> = {}): Promise<void> {
  const { status, body: answer } = await system.call("POST", path, { body, headers });
  expect([status, answer]).toEqual([201, expect.anything()]);
}

/** Every item of every table by its key: what a refused request must leave as it was. */
async function everything(): Promise<Record<string, unknown>> {
  const { TableNames = [] } = await database.send(new ListTablesCommand({}));
  const scans = await Promise.all(TableNames.map((TableName) => database.send(new ScanCommand({ TableName, ConsistentRead: true }))));
  const items = scans.flatMap(({ Items = [] }) => Items);
  return Object.fromEntries(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]));
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const now = () => Math.floor(Date.now() / 1000);

/** A token that the issuer would give, but for these claims. */
async function signed(claims: object, key: JWK = issuerKey): Promise<string> {
  const usual = { iss: `${system.url}/oidc`, aud: "slipway", sub: "member", groups: ["demo:member"], iat: now(), exp: now() + 3600 };
  const header = { alg: "RS256", kid: issuerKey.kid as string };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader(header).sign(await importJWK(key, "RS256"));
}

interface Refused {
  status: number;
  code: string;
  /** What the detail says. */
  says?: RegExp;
  /** Further members. */
  more?: object;
}

async function expectRefused(ask: () => Promise<Answer>, { status, code, says = /./, more = {} }: Refused): Promise<void> {
  const before = await everything();
  const answer = await ask();
  expect(answer.body).toMatchObject({ code, status, type: `urn:slipway:problem:${code}`, ...more });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.body.title).toMatch(/./);
  expect(answer.body.detail).toMatch(says);
  expect(answer.body.request_id).toBe(answer.headers.get("apigw-requestid"));
  expect(await everything()).toEqual(before);
}

type Options = Parameters<System["call"]>[2];
type Row = [what: string, request: string, options: Options, refused: Refused];

function refuses(rows: Row[]): void {
  it.each(rows)("%s", async (_what, request, options, refused) => {
    const [method = "", path = ""] = request.split(" ");
    await expectRefused(() => system.call(method, path, options), refused);
  });
}

const input = (says: RegExp, ...errors: object[]): Refused => ({
  ...{ status: 400, code: "invalid-input", says },
  ...(errors.length > 0 ? { more: { errors: errors.map((error) => expect.objectContaining(error)) } } : {}),
});
const notFound = (says: RegExp): Refused => ({ status: 404, code: "not-found", says });
const create = (more: object) => ({ body: echoDeployment("new", more) });
const onnx = (more: object) => create({ predictor: { runtime: "onnx", model: { name: "scorer", version: 1 }, ...more } });

describe("a body that is not what it should be", () => {
  const large = { ...echoDeployment("new"), description: "x".repeat(256 * 1024) };
  refuses([
    [
      "an unknown field is named with the nearest known one",
      "POST /v1/deployments",
      create({ enviroment: "staging" }),
      input(/enviroment.*did you mean "environment"\?/, { path: "enviroment" }),
    ],
    [
      "also deep in the body",
      "POST /v1/deployments",
      create({ predictor: { image: "test/echo:1", scaling_config: { min_replica: 1 } } }),
      input(/did you mean "min_replicas"\?/, { path: "predictor.scaling_config.min_replica" }),
    ],
    [
      "a wrong type",
      "POST /v1/deployments",
      create({ predictor: { image: 7 } }),
      input(/expected string/, { path: "predictor.image", given: 7 }),
    ],
    [
      "several faults at once",
      "POST /v1/deployments",
      create({ group: null, start: "yes" }),
      input(/group: .*start: /, { path: "group" }, { path: "start" }),
    ],
    ["a missing field", "POST /v1/deployments", { body: { group: "demo" } }, input(/name: missing.*environment: missing/)],
    ["a list", "POST /v1/deployments", { body: [] }, input(/expected object/)],
    ["null", "POST /v1/deployments", { body: "null" }, input(/./)],
    ["none", "POST /v1/deployments", {}, input(/missing/)],
    ["an illegal id", "POST /v1/deployments", create({ id: "Not_legal" }), input(/id: .*lower-case/, { path: "id", given: "Not_legal" })],
    ["an illegal group", "POST /v1/models", { body: { group: "A", name: "fine" } }, input(/group/, { path: "group" })],
    ["an illegal name of a model", "POST /v1/models", { body: { group: "demo", name: "no blanks" } }, input(/name/, { path: "name" })],
    ["a name of blanks", "POST /v1/deployments", create({ name: "  " }), input(/a name is needed/)],
    [
      "a field whose effect is not built",
      "POST /v1/deployments",
      create({ access: "private" }),
      input(/not built yet/, { path: "access" }),
    ],
    ["broken JSON", "POST /v1/deployments", { body: '{"group": "demo",' }, input(/not JSON/)],
    [
      "another content type",
      "POST /v1/deployments",
      { body: "group=demo", headers: { "content-type": "application/x-www-form-urlencoded" } },
      input(/must be application\/json.*x-www-form-urlencoded/),
    ],
    [
      "JSON under another content type",
      "POST /v1/deployments",
      { ...create({}), headers: { "content-type": "application/octet-stream" } },
      input(/must be application\/json/),
    ],
    ["more than 256 KB", "POST /v1/deployments", { body: large }, { status: 413, code: "too-large", says: /262144 bytes/ }],
    ["a body where none is taken", "POST /v1/deployments/there/start", { body: { now: true } }, input(/takes no body/)],
    ["a patch of what never changes", "PATCH /v1/deployments/there", { body: { group: "fraud" } }, input(/group never changes/)],
    ["a patch with an unknown field", "PATCH /v1/deployments/there", { body: { acces: "public" } }, input(/did you mean "access"\?/)],
    [
      "a key that DynamoDB's SDK would take for a type",
      "POST /v1/models",
      { body: { group: "demo", name: "typed", constructor: { name: "Set" } } },
      input(/cannot be stored: constructor/),
    ],
    ["a patch that is a list", "PATCH /v1/deployments/there", { body: [1] }, input(/./)],
  ]);

  it("a name that JavaScript knows is a name like any other", async () => {
    const metadata = { constructor: "Ferrari", toString: "a", hasOwnProperty: "b" };
    const body = echoDeployment("known-names", { start: false, metadata });
    expect((await system.call("POST", "/v1/deployments", { body })).status).toBe(201);
    expect((await system.call("GET", "/v1/deployments/known-names")).body.specification.metadata).toEqual(metadata);
  });

  it("a secret is never repeated", async () => {
    const body = { ...echoDeployment("new"), predictor: { image: "test/echo:1", env: [{ name: "A", value: 5309, secret: "hunter2" }] } };
    const { status, body: answer } = await system.call("POST", "/v1/deployments", { body });
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|5309/);
    expect(system.output).not.toMatch(/hunter2|5309/);
  });
});

describe("a name of something that does not exist", () => {
  refuses([
    ["a group", "POST /v1/deployments", create({ group: "nowhere" }), notFound(/no group nowhere/)],
    [
      "a group, by a platform admin's typing error",
      "POST /v1/deployments",
      { ...create({ group: "nowhere" }), as: "admin" },
      notFound(/no group nowhere/),
    ],
    ["a group of a model", "POST /v1/models", { body: { group: "nowhere", name: "fine" } }, notFound(/no group nowhere/)],
    ["an environment", "POST /v1/deployments", create({ environment: "moon" }), input(/staging, production/, { path: "environment" })],
    [
      "a model",
      "POST /v1/deployments",
      onnx({ model: { name: "score", version: 1 } }),
      input(/demo has no model/, { path: "predictor.model.name" }),
    ],
    [
      "a version",
      "POST /v1/deployments",
      onnx({ model: { name: "scorer", version: 7 } }),
      input(/its newest is 1/, { path: "predictor.model.version", given: 7 }),
    ],
    ["a version of a model without any", "POST /v1/deployments", onnx({ model: { name: "empty", version: 1 } }), input(/no versions yet/)],
    ["an instance type", "POST /v1/deployments", onnx({ instance_type: "cpu.smal" }), input(/cpu\.small/, { given: "cpu.smal" })],
    ["a runtime", "POST /v1/deployments", onnx({ runtime: "onxx" }), input(/onnx/, { path: "predictor.runtime", given: "onxx" })],
    ["a deployment", "GET /v1/deployments/nothing", {}, notFound(/no deployment nothing/)],
    ["a deployment to start", "POST /v1/deployments/nothing/start", {}, notFound(/no deployment nothing/)],
    ["an id that cannot be one", "GET /v1/deployments/Not_legal", {}, input(/id/)],
    ["an operation", "GET /v1/operations/01ARZ3NDEKTSV4RRFFQ69G5FAV", {}, notFound(/no operation/)],
    ["a revision", "GET /v1/deployments/there/revisions/9", {}, notFound(/revision 9/)],
    ["a model to read", "GET /v1/models/demo/nothing", {}, notFound(/no model/)],
    ["a version to register", "POST /v1/models/demo/nothing/versions", { body: { artifact_uri: "s3://models/x" } }, notFound(/no model/)],
    ["a query parameter", "GET /v1/deployments?grup=demo", {}, input(/did you mean "group"\?/)],
    ["a cursor", "GET /v1/deployments?cursor=forged", {}, input(/cursor/)],
    ["a route", "GET /v1/deploymens", {}, notFound(/no route GET \/v1\/deploymens\. GET \/v1\/openapi\.json/)],
    ["a route outside", "GET /", { as: null }, notFound(/no route GET \//)],
    ["a route, with a body that is too large", "POST /v1/nothing", { body: large() }, notFound(/no route/)],
    ["a method", "PUT /v1/deployments", { body: {} }, notFound(/does not take PUT: it takes GET, POST/)],
    ["a method of one deployment", "POST /v1/deployments/there", { body: {} }, notFound(/it takes GET, PATCH, DELETE/)],
  ]);

  function large() {
    return "x".repeat(300 * 1024);
  }
});

describe("what is taken, or not possible now", () => {
  refuses([
    ["an id", "POST /v1/deployments", { body: echoDeployment("there") }, { status: 409, code: "name-taken", more: { id: "there" } }],
    [
      "an id, by another group",
      "POST /v1/deployments",
      { body: { ...echoDeployment("there"), group: "fraud" } },
      { status: 409, code: "name-taken" },
    ],
    [
      "an id, with a secret",
      "POST /v1/deployments",
      { body: echoDeployment("there", { predictor: { image: "test/echo:1", env: [{ name: "A", value: "b", secret: true }] } }) },
      { status: 409, code: "name-taken" },
    ],
    ["a model", "POST /v1/models", { body: { group: "demo", name: "scorer" } }, { status: 409, code: "name-taken" }],
    [
      "stop before the first start",
      "POST /v1/deployments/there/stop",
      {},
      { status: 409, code: "not-allowed-in-status", more: { deployment_status: "CREATED", allowed: ["start", "update", "delete"] } },
    ],
    ["restart before the first start", "POST /v1/deployments/there/restart", {}, { status: 409, code: "not-allowed-in-status" }],
    ["delete without the name", "DELETE /v1/deployments/there", {}, input(/type the deployment's name/)],
    ["delete with another name", "DELETE /v1/deployments/there?name=hidden", {}, input(/name/)],
    [
      "a change of what has moved since",
      "PATCH /v1/deployments/there",
      { body: { description: "new" }, headers: { "if-match": '"7"' } },
      { status: 412, code: "version-moved", more: { version: 1 } },
    ],
    [
      "a start of what has moved since",
      "POST /v1/deployments/there/start",
      { headers: { "if-match": '"0"' } },
      { status: 412, code: "version-moved" },
    ],
    ["an If-Match that is no version", "POST /v1/deployments/there/start", { headers: { "if-match": "seven" } }, input(/If-Match/)],
    [
      "an Idempotency-Key that is too long",
      "POST /v1/models",
      { body: { group: "demo", name: "mine" }, headers: { "idempotency-key": "k".repeat(129) } },
      input(/128/),
    ],
  ]);
});

describe("somebody who may not", () => {
  refuses([
    ["a viewer creates", "POST /v1/deployments", { ...create({}), as: "viewer" }, { status: 403, code: "forbidden", says: /role member/ }],
    ["a viewer starts", "POST /v1/deployments/there/start", { as: "viewer" }, { status: 403, code: "forbidden" }],
    ["a viewer patches", "PATCH /v1/deployments/there", { as: "viewer", body: {} }, { status: 403, code: "forbidden" }],
    ["a viewer deletes", "DELETE /v1/deployments/there?name=there", { as: "viewer" }, { status: 403, code: "forbidden" }],
    ["a viewer registers", "POST /v1/models", { as: "viewer", body: { group: "demo", name: "mine" } }, { status: 403, code: "forbidden" }],
    ["a member makes a group", "PUT /v1/groups/mine", { body: {} }, { status: 403, code: "forbidden", says: /platform:admin/ }],
  ]);

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
      system.call(method, `/v1/deployments/${id}${rest}`, method === "PATCH" ? { body: { description: "mine" } } : {});
    await expectRefused(ask("hidden"), notFound(/no deployment hidden/));
    const [hidden, nothing] = [await ask("hidden")(), await ask("absent")()];
    const comparable = ({ body: { request_id: _, ...body } }: Answer) => JSON.stringify(body).replaceAll(/hidden|absent/g, "…");
    expect(comparable(hidden)).toBe(comparable(nothing));
  });
});

describe("a token that is", () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  /** The published key used as if it were a shared secret. */
  const confused = async () => {
    const { n, e, kid } = issuerKey;
    const content = `${part({ alg: "HS256", kid })}.${(await signed({})).split(".")[1]}`;
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
    ["expired", () => signed({ exp: now() - 60 }), "the token has expired"],
    ["not valid yet", () => signed({ nbf: now() + 600 }), "invalid_token"],
    ["signed by somebody else", async () => signed({}, await otherKey()), "invalid_token"],
    ["not signed at all", async () => `${part({ alg: "none" })}.${(await signed({})).split(".")[1]}.`, "invalid_token"],
    ["signed with the public key", confused, "invalid_token"],
    ["changed", async () => (await signed({})).replace(/\.[^.]+\./, `.${part({ sub: "admin", aud: "slipway" })}.`), "invalid_token"],
    ["meant for somebody else", () => signed({ aud: "another" }), "the token does not have a valid audience"],
    ["of another issuer", () => signed({ iss: "https://elsewhere.example" }), "invalid_token"],
  ])("%s is refused by the gateway, which says why", async (_what, token, why) => {
    const given = await token();
    const headers = given === null ? {} : bearer(given);
    const before = await everything();
    for (const [method, path] of [
      ["GET", "/v1/deployments"],
      ["POST", "/v1/deployments/there/start"],
    ] as const) {
      const answer = await system.call(method, path, { as: null, headers });
      expect([answer.status, answer.body]).toEqual([401, { message: "Unauthorized" }]);
      expect(answer.headers.get("www-authenticate")).toContain(why);
      expect(answer.headers.get("apigw-requestid")).toMatch(/./);
    }
    expect(await everything()).toEqual(before);
  });

  it("all right but for naming nobody is a problem of its own", async () => {
    const headers = bearer(await signed({ sub: "" }));
    await expectRefused(() => system.call("GET", "/v1/me", { headers }), { status: 401, code: "unauthenticated" });
  });

  it("all right but for having no role sees nothing", async () => {
    const headers = bearer(await signed({ groups: ["demo", "demo:owner", "demo:member:x", ":member"] }));
    expect((await system.call("GET", "/v1/deployments", { headers })).body.items).toEqual([]);
    await expectRefused(() => system.call("GET", "/v1/deployments/there", { headers }), notFound(/no deployment there/));
  });
});

describe("the same request twice", () => {
  const key = (value: string) => ({ "idempotency-key": value });

  it("under one Idempotency-Key has one effect and one answer", async () => {
    const create = { body: echoDeployment("once", { start: false }), headers: key("create-once") };
    const first = await system.call("POST", "/v1/deployments", create);
    expect(first.status).toBe(201);
    const after = await everything();
    const second = await system.call("POST", "/v1/deployments", create);
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(await everything()).toEqual(after);
  });

  it("under one Idempotency-Key with another body is refused", async () => {
    const ask = () =>
      system.call("POST", "/v1/deployments", { body: echoDeployment("other", { start: false }), headers: key("create-once") });
    await expectRefused(ask, { status: 422, code: "idempotency-key-reused", says: /create-once/ });
  });

  it("under the Idempotency-Key of somebody else is another request", async () => {
    const create = { body: echoDeployment("theirs", { start: false }), headers: key("create-once") };
    expect((await system.call("POST", "/v1/deployments", { ...create, as: "admin" })).status).toBe(201);
  });

  it("at once under one Idempotency-Key starts one operation, and both hear of it", async () => {
    await made("/v1/deployments", echoDeployment("keyed", { start: false }));
    const start = () => system.call("POST", "/v1/deployments/keyed/start", { headers: key("start-once") });
    const answers = await Promise.all([start(), start(), start()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body.operation.id)).size).toBe(1);
    expect((await system.call("GET", "/v1/deployments/keyed/operations")).body.items).toHaveLength(1);
  });

  it("by two clients at once: the id goes to one, the other hears that it is taken", async () => {
    const create = (as: string) => system.call("POST", "/v1/deployments", { as, body: echoDeployment("race", { start: false }) });
    const answers = await Promise.all([create("member"), create("admin")]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect([won?.status, lost?.status, lost?.body.code]).toEqual([201, 409, "name-taken"]);
    const { body } = await system.call("GET", "/v1/deployments/race");
    expect(body.uid).toBe(won?.body.deployment.uid);
    expect((await system.call("GET", "/v1/deployments?search=race")).body.items).toHaveLength(1);
  });

  it("by two clients at once: one starts, the other hears which operation runs", async () => {
    const start = () => system.call("POST", "/v1/deployments/race/start");
    const answers = await Promise.all([start(), start()]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect([won?.status, lost?.status]).toEqual([202, 409]);
    expect(lost?.body).toMatchObject({
      code: "operation-in-progress",
      operation_id: won?.body.operation.id,
      allowed: ["stop", "restart", "abort", "delete"],
    });
    expect((await system.call("GET", "/v1/deployments/race/operations")).body.items).toHaveLength(1);
  });

  it("by two clients at once with If-Match: one changes, the other is told that it has moved", async () => {
    const patch = (description: string) =>
      system.call("PATCH", "/v1/deployments/there", { body: { description }, headers: { "if-match": '"1"' } });
    const answers = await Promise.all([patch("one"), patch("two")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await system.call("GET", "/v1/deployments/there")).body.revisions.wanted).toBe(2);
  });
});
