// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a variable of the stage, as templates write it
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRestApi } from "../../../local/rest-api/start.ts";
import { method, optionsOf, path, resource, root, ServedApi, tell } from "./served.ts";

const front = { "integration.request.header.X-Slipway-Access": "'public'" };
let api: ServedApi;

beforeAll(async () => {
  api = await ServedApi.start({
    Endpoints: resource(root, "endpoints"),
    Id: resource({ Ref: "Endpoints" }, "{id}"),
    Path: resource({ Ref: "Id" }, "{path+}"),
    // The most general one first: the order of a template means nothing.
    AtPath: method("Path", "/endpoints/{id}/{path}", { ...path("id", "path"), ...front }),
    AtId: method("Id", "/endpoints/{id}", { ...path("id"), ...front }),
    Health: resource({ Ref: "Id" }, "health"),
    AtHealth: method("Health", "/health/{id}/${stageVariables.color}", {
      ...path("id"),
      "integration.request.header.X-Request": "context.requestId",
      "integration.request.header.X-Path": "context.resourcePath",
      "integration.request.header.X-Color": "stageVariables.color",
      "integration.request.header.X-Of": "method.request.querystring.of",
      "integration.request.header.X-Nothing": "context.authorizer.client",
    }),
    Stage: {
      Type: "AWS::ApiGateway::Stage",
      Properties: { RestApiId: { Ref: "Api" }, StageName: "live", Variables: { color: "blue" } },
    },
  });
});
afterAll(() => api.stop());
beforeEach(() => {
  api.serve = tell;
});

describe("a request to an endpoint", () => {
  it("reaches the gateway with method, path and query as they were sent", async () => {
    expect(await api.seen("/endpoints/iris/v2/models/a%2Fb/infer?x=1&y=%20", { method: "POST", body: "{}" })).toMatchObject({
      method: "POST",
      url: "/endpoints/iris/v2/models/a%2Fb/infer?x=1&y=%20",
    });
    expect(await api.seen("/endpoints/iris")).toMatchObject({ url: "/endpoints/iris" });
  });

  it("cannot say of itself what the front says", async () => {
    const { headers } = await api.seen("/endpoints/iris/x", { headers: { "X-Slipway-Access": "client", "x-own": "kept" } });
    expect(headers).toMatchObject({ "x-slipway-access": "public", "x-own": "kept", "x-forwarded-for": "127.0.0.1" });
  });

  it("gets status, headers and body as the model server gave them", async () => {
    api.serve = (_request, response) =>
      response.writeHead(418, { "x-model": "iris", "content-type": "application/octet-stream" }).end(Buffer.from([0, 255, 1]));
    const answer = await api.fetch("/endpoints/iris/x");
    expect([answer.status, answer.headers.get("x-model"), [...new Uint8Array(await answer.arrayBuffer())]]).toEqual([
      418,
      "iris",
      [0, 255, 1],
    ]);
  });

  it("streams both ways: an answer begins before the request has ended", async () => {
    api.serve = (request, response) => {
      response.writeHead(200).flushHeaders();
      request.on("data", (chunk: Buffer) => response.write(`got ${chunk}\n`)).on("end", () => response.end("done"));
    };
    const request = httpRequest(api.url("/endpoints/iris/stream"), { method: "POST" });
    request.write("one");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(String((await once(response, "data"))[0])).toBe("got one\n");
    request.write("two");
    expect(String((await once(response, "data"))[0])).toBe("got two\n");
    request.end();
    expect(String((await once(response, "data"))[0])).toBe("done");
  });

  it("has a body of any size, which no more of is held than the slower side takes", async () => {
    api.serve = (request, response) => void request.pipe(response);
    const body = Buffer.alloc(8_000_000, "0123456789");
    const answer = await api.fetch("/endpoints/iris/x", { method: "PUT", body });
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  });

  it("is of the length that it was sent with: none, nothing, or not known before", async () => {
    const send = async (method: string, headers: Record<string, string>, body = "") => {
      const request = httpRequest(api.url("/endpoints/iris/x"), { method, headers }).end(body);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      const { headers: seen } = JSON.parse(String((await once(response, "data"))[0]));
      return [seen["content-length"], seen["transfer-encoding"]];
    };
    expect(await send("GET", {})).toEqual([undefined, undefined]);
    expect(await send("DELETE", {})).toEqual([undefined, undefined]);
    expect(await send("POST", { "content-length": "0" })).toEqual(["0", undefined]);
    expect(await send("POST", { "content-length": "2" }, "{}")).toEqual(["2", undefined]);
    expect(await send("POST", { "transfer-encoding": "chunked" }, "{}")).toEqual([undefined, "chunked"]);
  });

  it("has each header as often as it was sent, and its answer too", async () => {
    api.serve = ({ rawHeaders }, response) =>
      response
        .writeHead(200, [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ])
        .end(JSON.stringify(rawHeaders));
    const request = httpRequest(api.url("/endpoints/iris/x"), { headers: { "X-Twice": ["1", "2"], constructor: "own" } }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(response.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    const seen = JSON.parse(String((await once(response, "data"))[0])).join(" ");
    expect(seen).toContain("X-Twice 1 X-Twice 2 constructor own");
  });

  it("that is refused while its body still comes leaves its connection to the next one", async () => {
    api.serve = (request) => request.socket.destroy();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const refused = httpRequest(api.url("/endpoints/iris/x"), { method: "POST", agent });
    refused.write("some");
    const [response] = (await once(refused, "response")) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(504);
    refused.end(Buffer.alloc(1_000_000));
    api.serve = tell;
    const [next] = (await once(httpRequest(api.url("/endpoints/iris/y"), { agent }).end(), "response")) as [IncomingMessage];
    expect(next.resume().statusCode).toBe(200);
    agent.destroy();
  });

  it("is given up at the gateway when the caller has gone", async () => {
    const gone = new Promise<void>((resolve) => {
      api.serve = (request, response) => {
        response.writeHead(200).flushHeaders();
        request.on("close", resolve);
      };
    });
    const controller = new AbortController();
    await api.fetch("/endpoints/iris/x", { signal: controller.signal });
    controller.abort();
    await gone;
  });

  it("is answered 504 when the model server says nothing for too long", async () => {
    api.serve = () => {};
    const answer = await api.fetch("/endpoints/iris/x");
    expect([answer.status, await answer.json()]).toEqual([504, { message: "Endpoint request timed out" }]);
  });

  it("is answered 504 when the gateway breaks off, with the names by which the log knows it", async () => {
    api.serve = (request) => request.socket.destroy();
    const answer = await api.fetch("/endpoints/iris/x");
    expect([answer.status, await answer.json()]).toEqual([504, { message: "Network error communicating with endpoint" }]);
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get("x-amz-apigw-id")).toMatch(/^\w+=$/);
  });

  it("goes to the most specific resource, with what is mapped for it", async () => {
    const { url, headers } = await api.seen("/endpoints/iris/health?of=all", { headers: { "x-nothing": "own" } });
    expect(url).toBe("/health/iris/blue?of=all");
    expect(headers).toMatchObject({ "x-path": "/endpoints/{id}/health", "x-color": "blue", "x-of": "all", "x-nothing": "own" });
    expect(headers["x-request"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("goes on byte by byte: what a path means is the gateway's to say", async () => {
    const request = httpRequest(api.url("/"), { path: "/endpoints/iris/../%2e%2e//x?a=1?b" }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(JSON.parse(String((await once(response, "data"))[0])).url).toBe("/endpoints/iris/../%2e%2e//x?a=1?b");
  });

  it("is answered 403 where no resource of the API is, as API Gateway does", async () => {
    expect((await api.fetch("/endpoints")).status).toBe(403);
  });
});

describe("at the start", () => {
  const refused = (resources: Record<string, object>) => () => startRestApi(optionsOf({ Id: resource(root, "x"), ...resources }));
  const odd = (change: (properties: ReturnType<typeof method>["Properties"]) => void, parameters: object = {}) => {
    const made = method("Id", "", parameters);
    change(made.Properties);
    return refused({ Odd: { ...made, Metadata: { "aws:cdk:path": "App/Odd" } } });
  };

  it("what is not carried out is refused by path", () => {
    expect(odd(({ Integration }) => (Integration.Type = "AWS_PROXY"))).toThrow(
      "App/Odd: the local REST API carries out HTTP_PROXY only, not AWS_PROXY",
    );
    expect(odd(({ Integration }) => (Integration.Uri = "https://gateway.invalid/"))).toThrow(
      "App/Odd: the local REST API passes requests on to http://, not to https://gateway.invalid/",
    );
    expect(odd((properties) => Object.assign(properties, { AuthorizationType: "AWS_IAM" }))).toThrow(
      "App/Odd: the local REST API carries out Lambda authorizers only, not AWS_IAM",
    );
    expect(odd(() => {}, { "integration.request.header.X": "method.request.body" })).toThrow(
      "App/Odd: the local REST API does not carry out the mapping integration.request.header.X = method.request.body",
    );
    expect(odd(() => {}, { "integration.request.querystring.x": "'1'" })).toThrow("integration.request.querystring.x = '1'");
  });

  it("a second REST API is refused, whose paths would be taken for the first one's", () => {
    expect(refused({ Other: { Type: "AWS::ApiGateway::RestApi" } })).toThrow("serves one REST API with one stage, not App/Api, App/Other");
  });
});
