import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AwsError } from "../../../local/aws/error.ts";
import { startRestApi } from "../../../local/rest-api/start.ts";
import { method, optionsOf, path, resource, root, ServedApi, tell } from "./served.ts";

const authorizer = (Type: string, more: object) => ({
  Type: "AWS::ApiGateway::Authorizer",
  Properties: {
    ...{ RestApiId: { Ref: "Api" }, Name: "clients", Type, ...more },
    AuthorizerUri: {
      "Fn::Join": [
        "",
        ["arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/", { "Fn::GetAtt": ["Authorize", "Arn"] }, "/invocations"],
      ],
    },
  },
});
const permission = {
  Type: "AWS::Lambda::Permission",
  Properties: {
    ...{ FunctionName: { "Fn::GetAtt": ["Authorize", "Arn"] }, Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com" },
    SourceArn: { "Fn::Join": ["", ["arn:aws:execute-api:us-east-1:000000000000:", { Ref: "Api" }, "/authorizers/*"]] },
  },
};
const guarded = (by: string) => ({ AuthorizationType: "CUSTOM", AuthorizerId: { Ref: by } });
const below = (name: string, by: string) => ({
  [name]: resource(root, name.toLowerCase()),
  [`${name}Id`]: resource({ Ref: name }, "{id}"),
  [`${name}Path`]: resource({ Ref: `${name}Id` }, "{path+}"),
  [`At${name}`]: method(`${name}Path`, "/{id}/{path}", { ...path("id", "path"), ...told }, guarded(by)),
});
const told = {
  "integration.request.header.X-User": "context.authorizer.client",
  "integration.request.header.X-Who": "context.authorizer.principalId",
};
const basic = { IdentitySource: "method.request.header.Authorization", AuthorizerResultTtlInSeconds: 0 };

let api: ServedApi;
let events: Record<string, unknown>[];

beforeAll(async () => {
  api = await ServedApi.start({
    Authorize: { Type: "AWS::Lambda::Function" },
    Permission: permission,
    Clients: authorizer("REQUEST", basic),
    Several: authorizer("REQUEST", {
      IdentitySource: "method.request.header.X-A, method.request.querystring.b,context.stage",
      AuthorizerResultTtlInSeconds: 60,
    }),
    Tokens: authorizer("TOKEN", { ...basic, IdentityValidationExpression: "Bearer [a-z]+" }),
    ...{ ...below("Private", "Clients"), ...below("Kept", "Several"), ...below("Token", "Tokens") },
    Stage: { Type: "AWS::ApiGateway::Stage", Properties: { RestApiId: { Ref: "Api" }, StageName: "live", Variables: { color: "blue" } } },
  });
});
afterAll(() => api.stop());
beforeEach(() => {
  events = [];
  api.serve = tell;
  vi.spyOn(console, "error").mockImplementation(() => {});
  answers(() => allow());
});
afterEach(() => vi.restoreAllMocks());

const allow = (statement: object = {}, more: object = {}): object => ({
  principalId: "jane",
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: events.at(-1)?.methodArn, ...statement }],
  },
  context: { client: "jane", number: 7, yes: true },
  ...more,
});

function answers(make: () => unknown): void {
  api.authorize = async (event) => {
    events.push(event);
    return { payload: make(), function_error: null };
  };
}
function throws(errorMessage: string): void {
  api.authorize = async () => ({ payload: { errorType: "Error", errorMessage }, function_error: "Unhandled" });
}

const signed = { headers: { authorization: "Basic amFuZTp4", "X-User": "root" } };
const refusal = async (at = "/private/iris/x", init: RequestInit = signed) => {
  const answer = await api.fetch(at, init);
  return [answer.status, answer.headers.get("x-amzn-errortype"), await answer.text()];
};
const unauthorized = [401, "UnauthorizedException", '{"message":"Unauthorized"}'];
const misconfigured = [500, "AuthorizerConfigurationException", '{"message":null}'];

describe("an authorizer of type REQUEST", () => {
  it("is told of the whole request, and what it says of the caller replaces what the caller says", async () => {
    const { url, headers } = await api.seen("/private/ir%69s/v2/x?a=1&a=2&b=%20", { ...signed, method: "POST", body: "{}" });
    expect([url, headers["x-user"], headers["x-who"]]).toEqual(["/ir%69s/v2/x?a=1&a=2&b=%20", "jane", "jane"]);
    const [event] = events;
    expect(event).toMatchObject({
      type: "REQUEST",
      methodArn: expect.stringMatching(/^arn:aws:execute-api:us-east-1:000000000000:\w+\/live\/POST\/private\/ir%69s\/v2\/x$/),
      resource: "/private/{id}/{path+}",
      path: "/private/ir%69s/v2/x",
      httpMethod: "POST",
      headers: { authorization: "Basic amFuZTp4", "X-User": "root", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http" },
      multiValueHeaders: { authorization: ["Basic amFuZTp4"] },
      queryStringParameters: { a: "2", b: " " },
      multiValueQueryStringParameters: { a: ["1", "2"], b: [" "] },
      pathParameters: { id: "ir%69s", path: "v2/x" },
      stageVariables: { color: "blue" },
      requestContext: {
        ...{ accountId: "000000000000", stage: "live", httpMethod: "POST", path: "/private/ir%69s/v2/x", protocol: "HTTP/1.1" },
        resourcePath: "/private/{id}/{path+}",
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        identity: { sourceIp: "127.0.0.1", userAgent: "node", caller: null },
      },
    });
    const { apiId } = (event as { requestContext: { apiId: string } }).requestContext;
    expect(event?.methodArn).toContain(`:000000000000:${apiId}/live/`);
  });

  it("does not hold up the body: it goes on whole once the answer is there", async () => {
    api.serve = (request, response) => void request.pipe(response);
    const body = "x".repeat(1_000_000);
    expect(await (await api.fetch("/private/iris/x", { ...signed, method: "POST", body })).text()).toBe(body);
  });

  it("is not asked where the identity is missing or empty", async () => {
    expect(await refusal("/private/iris/x", {})).toEqual(unauthorized);
    expect(await refusal("/private/iris/x", { headers: { authorization: "" } })).toEqual(unauthorized);
    for (const [at, headers] of [
      ["/kept/iris/x?b=1", {}],
      ["/kept/iris/x", { "x-a": "1" }],
      ["/kept/iris/x?b=", { "x-a": "1" }],
    ] as const)
      expect(await refusal(at, { headers })).toEqual(unauthorized);
    expect(events).toEqual([]);
  });

  it("refuses by an error whose message is Unauthorized; another error is a failure, whose words nobody outside is told", async () => {
    throws("Unauthorized");
    expect(await refusal()).toEqual(unauthorized);
    throws("no table");
    expect(await refusal()).toEqual([500, "AuthorizerFailureException", '{"message":null}']);
    expect(console.error).toHaveBeenCalledWith("authorizer App/Clients: its function failed: Error: no table");
    api.authorize = () => Promise.reject(new AwsError("TooManyRequestsException", "Rate Exceeded", 429));
    expect(await refusal()).toEqual(misconfigured);
  });

  it("allows what its policy allows, with its wildcards, and nothing else", async () => {
    const denied = [403, "AccessDeniedException", '{"message":"User is not authorized to access this resource"}'];
    const api_id = "arn:aws:execute-api:us-east-1:000000000000:*";
    answers(() => allow({ Resource: [`${api_id}/live/GET/private/iris/*`] }));
    expect((await api.fetch("/private/iris/x", signed)).status).toBe(200);
    expect(await refusal("/private/other/x")).toEqual(denied);
    expect(await refusal("/private/iris/x", { ...signed, method: "POST" })).toEqual(denied);
    answers(() => allow({ Action: "s3:*" }));
    expect(await refusal()).toEqual(denied);
    answers(() => allow({ Effect: "Deny", Resource: "*" }));
    expect(await refusal()).toEqual([
      403,
      "AccessDeniedException",
      '{"message":"User is not authorized to access this resource with an explicit deny"}',
    ]);
    answers(() =>
      allow(
        {},
        {
          policyDocument: {
            Statement: [
              { Effect: "Allow", Action: "*", Resource: "*" },
              { Effect: "Deny", Action: "execute-api:Invoke", Resource: "*/GET/*" },
            ],
          },
        },
      ),
    );
    expect((await refusal())[0]).toBe(403);
  });

  it("has to answer as API Gateway documents it", async () => {
    const malformed = [
      null,
      "Allow",
      allow({}, { principalId: undefined }),
      allow({}, { policyDocument: undefined }),
      allow({}, { policyDocument: { Statement: [], Version: 1 }, context: { nested: { a: 1 } } }),
      allow({}, { context: { list: ["a"] } }),
      allow({}, { context: "jane" }),
      allow({ Effect: "allow" }),
      allow({ Resource: undefined }),
      allow({ Condition: { Unheard: { "aws:SourceIp": "1" } } }),
    ];
    for (const payload of malformed) {
      answers(() => payload);
      expect(await refusal(), JSON.stringify(payload)).toEqual(misconfigured);
    }
    expect(console.error).toHaveBeenCalledTimes(malformed.length);
  });

  it("is asked about each request where nothing is kept", async () => {
    for (const _ of [1, 2]) await api.seen("/private/iris/x", signed);
    expect(events).toHaveLength(2);
  });

  it("is asked once for each identity where answers are kept, whose policy is held to every path anew", async () => {
    const one = { headers: { "x-a": "1" } };
    answers(() => allow());
    expect((await api.fetch("/kept/iris/x?b=1", one)).status).toBe(200);
    expect((await api.fetch("/kept/iris/x?b=1", one)).status).toBe(200);
    expect((await api.fetch("/kept/iris/y?b=1", one)).status).toBe(403);
    expect(events).toHaveLength(1);
    expect((await api.fetch("/kept/iris/y?b=2", one)).status).toBe(200);
    expect((await api.fetch("/kept/iris/x?b=1", { headers: { "x-a": "2" } })).status).toBe(200);
    expect(events).toHaveLength(3);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
    expect((await api.fetch("/kept/iris/x?b=1", one)).status).toBe(200);
    expect(events).toHaveLength(4);
  });

  it("may take its time: a caller who has gone meanwhile is not passed on", async () => {
    const reached: (string | undefined)[] = [];
    api.serve = ({ url }, response) => void response.end(String(reached.push(url)));
    const controller = new AbortController();
    const asked = new Promise<() => void>((settle) => {
      api.authorize = (event) => {
        events.push(event);
        return new Promise((answer) => settle(() => answer({ payload: allow({ Resource: "*" }), function_error: null })));
      };
    });
    const gone = api.fetch("/private/iris/gone", { ...signed, signal: controller.signal }).catch(() => "gone");
    const answer = await asked;
    controller.abort();
    expect(await gone).toBe("gone");
    answers(() => allow());
    await api.fetch("/private/iris/next", signed);
    answer();
    await api.fetch("/private/iris/last", signed);
    expect(reached).toEqual(["/iris/next", "/iris/last"]);
  });
});

it("an authorizer of type TOKEN is given the token alone, and only one that has the right form", async () => {
  expect(await refusal("/token/iris/x", { headers: { authorization: "Bearer ABC" } })).toEqual(unauthorized);
  expect(await refusal("/token/iris/x", {})).toEqual(unauthorized);
  expect(events).toEqual([]);
  expect((await api.fetch("/token/iris/x", { headers: { authorization: "Bearer abc" } })).status).not.toBe(401);
  expect(events).toEqual([
    { type: "TOKEN", methodArn: expect.stringMatching(/\/live\/GET\/token\/iris\/x$/), authorizationToken: "Bearer abc" },
  ]);
});

describe("at the start", () => {
  const refused = (resources: Record<string, object>) => () =>
    startRestApi(optionsOf({ Authorize: { Type: "AWS::Lambda::Function" }, ...resources }));

  it("a function that API Gateway may not call is named", () => {
    expect(refused({ Clients: authorizer("REQUEST", basic) })).toThrow(
      /The authorizer App\/Clients calls .*, which has no AWS::Lambda::Permission/,
    );
    const elsewhere = {
      ...permission,
      Properties: { ...permission.Properties, SourceArn: "arn:aws:execute-api:us-east-1:000000000000:other/*" },
    };
    expect(refused({ Clients: authorizer("REQUEST", basic), Permission: elsewhere })).toThrow("has no AWS::Lambda::Permission");
  });

  it("a role that API Gateway calls it by has to be allowed to", () => {
    const role = (Service: string, Action: string) => ({
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "caller",
        AssumeRolePolicyDocument: { Statement: { Effect: "Allow", Principal: { Service } } },
        Policies: [{ PolicyName: "call", PolicyDocument: { Statement: { Effect: "Allow", Action, Resource: "*" } } }],
      },
    });
    const by = authorizer("REQUEST", { ...basic, AuthorizerCredentials: "arn:aws:iam::000000000000:role/caller" });
    expect(refused({ Role: role("lambda.amazonaws.com", "lambda:*"), Clients: by })).toThrow(
      "does not let apigateway.amazonaws.com assume it",
    );
    expect(refused({ Role: role("apigateway.amazonaws.com", "s3:*"), Clients: by })).toThrow("needs lambda:InvokeFunction");
    expect(refused({ Role: role("apigateway.amazonaws.com", "lambda:*"), Clients: by })).not.toThrow();
  });

  it("what is not carried out is refused by path", () => {
    const made = (Type: string, more: object) => refused({ Permission: permission, Clients: authorizer(Type, more) });
    expect(made("COGNITO_USER_POOLS", basic)).toThrow(
      "App/Clients: the local REST API carries out authorizers of type TOKEN and REQUEST only",
    );
    expect(made("TOKEN", { AuthorizerResultTtlInSeconds: 0 })).toThrow("has one identity source, not 0");
    expect(made("REQUEST", {})).toThrow("answers are kept for 300 s, which needs an identity source");
    expect(made("REQUEST", { IdentitySource: "request.header.X" })).toThrow("request.header.X is no identity source");
  });
});
