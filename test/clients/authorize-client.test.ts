import { beforeEach, describe, expect, it } from "vitest";
import { type Client, tokenOf } from "../../domain/client.ts";
import { type AuthorizerQuestion, authorizeClient } from "../../lambdas/clients/authorize-client.ts";
import { authorizerHandler } from "../../lambdas/runtime/authorizer-handler.ts";
import { clientTokens } from "../../lambdas/runtime/client-tokens.ts";
import { jsonLog } from "../../lambdas/runtime/logger.ts";

const now = Date.parse("2026-11-22T10:00:00.000Z");
const [token, old, other] = ["a", "b", "c"].map((letter) => tokenOf("ci", letter.repeat(43))) as [string, string, string];
const methodArn = "arn:aws:execute-api:us-east-1:000000000000:api/live/POST/private-endpoints/card/v2/models/card/infer";

let client: Client;
let reads: number;
let used: string[];
let refusal: Error | undefined;
const warned: string[] = [];

const ports = {
  clients: {
    find: async (id: string, name: string) => {
      reads += 1;
      return id === "card" && name === client.name ? { uid: "01J", client } : undefined;
    },
    noteUse: async (_uid: string, _client: Client, at: string) => {
      if (refusal) throw refusal;
      used.push(at);
    },
  },
  tokens: clientTokens,
  clock: { now: () => now },
  log: { warn: (message: string) => void warned.push(message) },
};

beforeEach(() => {
  const created = { created_at: "2026-11-22T09:00:00.000Z", created_by: "ada@example.com" };
  client = { name: "ci", token_hash: clientTokens.hash(token), ...created, expires_at: null, last_used_at: null, previous: [] };
  [reads, used, refusal] = [0, [], undefined];
  warned.length = 0;
});

const basic = (name: string, given: string) => `Basic ${Buffer.from(`${name}:${given}`).toString("base64")}`;
const asked = (authorization: string, rest: Partial<AuthorizerQuestion> = {}) =>
  authorizeClient(ports, { methodArn, headers: { Authorization: authorization }, pathParameters: { id: "card" }, ...rest });

const answer = {
  principalId: "ci",
  policyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: methodArn }] },
  context: { client: "ci", deployment: "01J" },
};

it.each([
  ["Bearer", `Bearer ${token}`],
  ["Basic", basic("ci", token)],
  ["a scheme in any case", `bEARER  ${token}`],
])("knows a client by %s", async (_how, authorization) => {
  expect(await asked(authorization)).toEqual(answer);
});

it("reads the header whatever its name's case", async () => {
  expect(await asked("", { headers: { AUTHORIZATION: `Bearer ${token}` } })).toEqual(answer);
});

describe("turns away, and does not say why", () => {
  it.each<[string, string, Partial<AuthorizerQuestion>?]>([
    ["no header", "", { headers: null }],
    ["no credentials", "Bearer"],
    ["another scheme", `Digest ${token}`],
    ["text behind the token", `Bearer ${token} x`],
    ["what is no token", "Bearer secret"],
    ["another token of the client", `Bearer ${other}`],
    ["a client that is not there", `Bearer ${tokenOf("web", "a".repeat(43))}`],
    ["a name that is not the holder's", basic("web", token)],
    ["no name", basic("", token)],
    ["base64 without a colon", `Basic ${Buffer.from(token).toString("base64")}`],
    ["a deployment that is not there", `Bearer ${token}`, { pathParameters: { id: "other" } }],
    ["no deployment", `Bearer ${token}`, { pathParameters: null }],
  ])("%s", async (_what, authorization, rest) => {
    expect(await asked(authorization, rest)).toBeUndefined();
    expect(used).toEqual([]);
  });

  it("a client that has expired", async () => {
    client = { ...client, expires_at: new Date(now).toISOString() };
    expect(await asked(`Bearer ${token}`)).toBeUndefined();
  });

  it("who shows no token without reading", async () => {
    await asked("Bearer secret");
    expect(reads).toBe(0);
  });
});

it("takes the token before a rotation until its time is over", async () => {
  client = { ...client, previous: [{ hash: clientTokens.hash(old), until: new Date(now + 1).toISOString() }] };
  expect(await asked(`Bearer ${old}`)).toEqual(answer);
  client = { ...client, previous: [{ hash: clientTokens.hash(old), until: new Date(now).toISOString() }] };
  expect(await asked(`Bearer ${old}`)).toBeUndefined();
});

it("notes its use when that is due", async () => {
  await asked(`Bearer ${token}`);
  client = { ...client, last_used_at: new Date(now - 1_000).toISOString() };
  await asked(`Bearer ${token}`);
  expect(used).toEqual([new Date(now).toISOString()]);
});

it("lets in whose use cannot be noted, and says so without the token", async () => {
  refusal = new Error("throttled");
  expect(await asked(`Bearer ${token}`)).toEqual(answer);
  expect(warned).toEqual(["the use of client ci of deployment 01J could not be noted"]);
});

describe("the function", () => {
  const lines: string[] = [];
  const log = jsonLog({}, (_level, line) => void lines.push(line));
  const context = { functionName: "AuthorizeClient", awsRequestId: "1" } as Parameters<ReturnType<typeof authorizerHandler>>[1];
  beforeEach(() => {
    lines.length = 0;
  });

  it("fails with the word that API Gateway answers 401 for, and logs nothing", async () => {
    await expect(authorizerHandler(async () => undefined, log)({}, context)).rejects.toThrow(/^Unauthorized$/);
    expect(lines).toEqual([]);
  });

  it("fails with its own error, for which API Gateway answers 500, when it cannot tell", async () => {
    const failing = authorizerHandler(() => Promise.reject(new Error("the table cannot be read")), log);
    await expect(failing({}, context)).rejects.toThrow("the table cannot be read");
    expect(lines).toHaveLength(1);
  });
});
