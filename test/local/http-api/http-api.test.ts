// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of the template
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AwsError } from "../../../local/aws/error.ts";
import type { InvocationResult } from "../../../local/aws/service.ts";
import { type FrontDoor, openFrontDoor } from "../../../local/front-door.ts";
import { startHttpApi } from "../../../local/http-api/start.ts";
import { Permissions } from "../../../local/iam/permissions.ts";
import { startOidc } from "../../../local/oidc/start.ts";
import { templateOf } from "../template-of.ts";

let folder: string;
let door: FrontDoor;
let origin: string;
let respond: (event: never) => Promise<InvocationResult>;

// biome-ignore lint/suspicious/noExplicitAny: an event as the function sees it
let seen: any;
const answer = (payload: unknown): InvocationResult => ({ payload, function_error: null });

const resources = (issuer: string) => ({
  Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { ProtocolType: "HTTP" } },
  SignIn: {
    Type: "AWS::ApiGatewayV2::Authorizer",
    Properties: {
      ...{ ApiId: { Ref: "Api" }, AuthorizerType: "JWT", IdentitySource: ["$request.header.Authorization"] },
      JwtConfiguration: { Issuer: issuer, Audience: ["slipway"] },
    },
  },
  Reader: { Type: "AWS::Lambda::Function" },
  Integration: {
    Type: "AWS::ApiGatewayV2::Integration",
    Properties: {
      ...{ ApiId: { Ref: "Api" }, IntegrationType: "AWS_PROXY", PayloadFormatVersion: "2.0", TimeoutInMillis: 300 },
      IntegrationUri: { "Fn::GetAtt": ["Reader", "Arn"] },
    },
  },
  Open: route("GET /open", "NONE"),
  Guarded: route("ANY /things/{id}", "JWT"),
  Permission: {
    Type: "AWS::Lambda::Permission",
    Properties: {
      ...{ FunctionName: { "Fn::GetAtt": ["Reader", "Arn"] }, Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" },
      SourceArn: { "Fn::Sub": "arn:aws:execute-api:us-east-1:000000000000:${Api}/*/*/*" },
    },
  },
});

function route(RouteKey: string, AuthorizationType: string) {
  return {
    Type: "AWS::ApiGatewayV2::Route",
    Properties: {
      ...{ ApiId: { Ref: "Api" }, RouteKey, AuthorizationType, Target: { "Fn::Sub": "integrations/${Integration}" } },
      ...(AuthorizationType === "JWT" ? { AuthorizerId: { Ref: "SignIn" } } : {}),
    },
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-http-api-"));
  door = await openFrontDoor(0);
  origin = `http://127.0.0.1:${door.port}`;
  const application = templateOf(resources(`${origin}/oidc`));
  const invoke = async (_arn: string, event: unknown) => {
    seen = event;
    return respond(event as never);
  };
  door.open("oidc", startOidc({ origin, dataFolder: folder }).handle);
  door.open("*", startHttpApi({ application, permissions: new Permissions(application), invoke }).handle);
});
beforeEach(() => {
  seen = undefined;
  respond = async () => answer({ statusCode: 200, body: "ok" });
});
afterAll(async () => {
  await door.close();
  rmSync(folder, { recursive: true, force: true });
});

async function token(id = "member"): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: "local" });
  return ((await (await fetch(`${origin}/oidc/token`, { method: "POST", body })).json()) as { access_token: string }).access_token;
}
const get = async (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, init);
const signedIn = async () => ({ authorization: `Bearer ${await token()}` });

describe("a request", () => {
  it("becomes an event of payload format 2.0", async () => {
    const headers = { ...(await signedIn()), "content-type": "application/json", cookie: "a=1; b=2", "x-many": "1" };
    await get("/things/a%20b?x=1&x=2&y=%26", { method: "POST", headers, body: '{"ü":1}' });
    expect(seen).toMatchObject({
      ...{ version: "2.0", routeKey: "ANY /things/{id}", rawPath: "/things/a%20b", rawQueryString: "x=1&x=2&y=%26" },
      ...{
        cookies: ["a=1", "b=2"],
        queryStringParameters: { x: "1,2", y: "&" },
        pathParameters: { id: "a b" },
        body: '{"ü":1}',
        isBase64Encoded: false,
      },
      requestContext: { http: { method: "POST", path: "/things/a%20b", sourceIp: "127.0.0.1" }, stage: "$default" },
    });
    expect(seen.headers).toMatchObject({ "x-many": "1", "content-type": "application/json" });
    expect(seen.headers).not.toHaveProperty("cookie");
  });

  it("carries a body that is no text in base64", async () => {
    await get("/things/1", {
      method: "PUT",
      headers: { ...(await signedIn()), "content-type": "application/octet-stream" },
      body: new Uint8Array([0, 255]),
    });
    expect(seen).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });

  it("brings the claims of its token, lists as API Gateway writes them", async () => {
    await get("/things/1", { headers: await signedIn() });
    expect(seen.requestContext.authorizer.jwt.claims).toMatchObject({
      sub: "member",
      groups: "[demo:member fraud:member]",
      aud: "slipway",
    });
  });

  it("needs no token where the route is open, and brings no claims then", async () => {
    expect((await get("/open")).status).toBe(200);
    expect(seen.requestContext).not.toHaveProperty("authorizer");
  });
});

describe("a token", () => {
  const forged = async (claims: object, changes: { exp?: string; kid?: string } = {}) => {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const kid = changes.kid ?? (await exportJWK(publicKey)).n?.slice(0, 8);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "RS256", kid })
      .setIssuedAt()
      .setExpirationTime(changes.exp ?? "1h")
      .sign(privateKey);
  };
  const published = async () => ((await (await get("/oidc/jwks")).json()) as { keys: { kid: string }[] }).keys[0]?.kid;

  it.each<[string, () => Promise<Record<string, string>>]>([
    ["missing", async () => ({})],
    ["no JWT", async () => ({ authorization: "Bearer abc" })],
    ["of another scheme", async () => ({ authorization: `Basic ${Buffer.from("member:local").toString("base64")}` })],
    [
      "signed by another key",
      async () => ({ authorization: `Bearer ${await forged({ iss: `${origin}/oidc`, aud: "slipway", sub: "x" })}` }),
    ],
    [
      "signed by another key under a published name",
      async () => ({ authorization: `Bearer ${await forged({ iss: `${origin}/oidc`, aud: "slipway" }, { kid: await published() })}` }),
    ],
    [
      "changed",
      async () => ({
        authorization: `Bearer ${(await token()).replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"admin"}').toString("base64url")}.`)}`,
      }),
    ],
  ])("that is %s is answered 401 as API Gateway does, and no function runs", async (_name, headers) => {
    const refused = await get("/things/1", { headers: await headers() });
    expect([refused.status, await refused.json(), seen]).toEqual([401, { message: "Unauthorized" }, undefined]);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(refused.headers.get("apigw-requestid")).toMatch(/./);
  });
});

describe("an answer", () => {
  it("has the function's status, headers, cookies and body", async () => {
    respond = async () =>
      answer({
        statusCode: 201,
        headers: { "Content-Type": "application/problem+json", Location: "/x" },
        cookies: ["a=1", "b=2"],
        body: "e30=",
        isBase64Encoded: true,
      });
    const given = await get("/open");
    expect([
      given.status,
      given.headers.get("content-type"),
      given.headers.get("location"),
      given.headers.getSetCookie(),
      await given.text(),
    ]).toEqual([...[201, "application/problem+json", "/x", ["a=1", "b=2"], "{}"]]);
  });

  it("without a status is the body itself", async () => {
    respond = async () => answer({ hello: "world" });
    const given = await get("/open");
    expect([given.status, await given.json()]).toEqual([200, { hello: "world" }]);
  });

  it.each<[string, () => Promise<InvocationResult>, number, string]>([
    [
      "a function that fails",
      async () => ({ payload: { errorMessage: "secret" }, function_error: "Unhandled" }),
      500,
      "Internal Server Error",
    ],
    ["a function that takes too long", () => new Promise(() => {}), 503, "Service Unavailable"],
    [
      "a function that is throttled",
      () => Promise.reject(new AwsError("TooManyRequestsException", "busy", 429)),
      503,
      "Service Unavailable",
    ],
  ])("of %s is API Gateway's own", async (_name, failing, status, message) => {
    respond = failing;
    const given = await get("/open");
    expect([given.status, await given.json()]).toEqual([status, { message }]);
  });

  it("to a body over 10 MB is 413", async () => {
    const given = await get("/things/1", { method: "PUT", headers: await signedIn(), body: "x".repeat(10 * 1024 * 1024 + 1) });
    expect([given.status, seen]).toEqual([413, undefined]);
  });

  it("to a path that begins with two slashes is that of any other path without route", async () => {
    for (const path of ["//open", "//["]) expect((await get(path)).status).toBe(404);
    expect(seen).toBeUndefined();
  });

  it("to a path without route is 404", async () => {
    expect((await get("/nowhere")).status).toBe(404);
  });
});

describe("at the start", () => {
  it("a route whose function does not let API Gateway call it is refused", () => {
    const { Permission: _permission, ...without } = resources(origin);
    const application = templateOf(without);
    expect(() => startHttpApi({ application, permissions: new Permissions(application), invoke: async () => answer(null) })).toThrow(
      /the route .* has no AWS::Lambda::Permission/,
    );
  });
});
