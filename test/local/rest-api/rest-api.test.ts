import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../../local/front-door.ts";
import { startRestApi } from "../../../local/rest-api/start.ts";
import { templateOf } from "../template-of.ts";

const method = (resource: string, uri: string, parameters: object) => ({
  Type: "AWS::ApiGateway::Method",
  Properties: {
    ...{ RestApiId: { Ref: "Api" }, ResourceId: { Ref: resource }, HttpMethod: "ANY", AuthorizationType: "NONE" },
    Integration: {
      Type: "HTTP_PROXY",
      IntegrationHttpMethod: "ANY",
      Uri: `http://gateway.invalid${uri}`,
      TimeoutInMillis: 400,
      RequestParameters: parameters,
    },
  },
});
const resource = (ParentId: object, PathPart: string) => ({
  Type: "AWS::ApiGateway::Resource",
  Properties: { RestApiId: { Ref: "Api" }, ParentId, PathPart },
});
const front = { "integration.request.header.X-Slipway-Access": "'public'" };
const path = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]));
const application = templateOf({
  Api: { Type: "AWS::ApiGateway::RestApi" },
  Endpoints: resource({ "Fn::GetAtt": ["Api", "RootResourceId"] }, "endpoints"),
  Id: resource({ Ref: "Endpoints" }, "{id}"),
  Path: resource({ Ref: "Id" }, "{path+}"),
  AtId: method("Id", "/endpoints/{id}", { ...path("id"), ...front }),
  AtPath: method("Path", "/endpoints/{id}/{path}", { ...path("id", "path"), ...front }),
});

let gateway: Server;
let door: FrontDoor;
let api: ReturnType<typeof startRestApi>;
let serve: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  gateway = createServer((request, response) => serve(request, response)).listen(0, "127.0.0.1");
  await once(gateway, "listening");
  door = await openFrontDoor(0);
  api = startRestApi({
    application,
    gateway: { placeholder: "http://gateway.invalid", url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}` },
  });
  for (const prefix of api.prefixes) door.open(prefix, api.handle);
});
afterAll(async () => {
  api.stop();
  await door.close();
  gateway.closeAllConnections();
  gateway.close();
});
beforeEach(() => {
  serve = (request, response) => response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
});

const url = (at: string) => `http://127.0.0.1:${door.port}${at}`;
// biome-ignore lint/suspicious/noExplicitAny: what the gateway saw
const seen = async (at: string, init?: RequestInit): Promise<any> => (await fetch(url(at), init)).json();

describe("a request to an endpoint", () => {
  it("reaches the gateway with method, path and query as they were sent", async () => {
    expect(await seen("/endpoints/iris/v2/models/a%2Fb/infer?x=1&y=%20", { method: "POST", body: "{}" })).toMatchObject({
      method: "POST",
      url: "/endpoints/iris/v2/models/a%2Fb/infer?x=1&y=%20",
    });
    expect(await seen("/endpoints/iris")).toMatchObject({ url: "/endpoints/iris" });
  });

  it("cannot say of itself what the front says", async () => {
    const { headers } = await seen("/endpoints/iris/x", { headers: { "X-Slipway-Access": "client", "x-own": "kept" } });
    expect(headers).toMatchObject({ "x-slipway-access": "public", "x-own": "kept", "x-forwarded-for": "127.0.0.1" });
  });

  it("gets status, headers and body as the model server gave them", async () => {
    serve = (_request, response) =>
      response.writeHead(418, { "x-model": "iris", "content-type": "application/octet-stream" }).end(Buffer.from([0, 255, 1]));
    const answer = await fetch(url("/endpoints/iris/x"));
    expect([answer.status, answer.headers.get("x-model"), [...new Uint8Array(await answer.arrayBuffer())]]).toEqual([
      418,
      "iris",
      [0, 255, 1],
    ]);
  });

  it("streams both ways: an answer begins before the request has ended", async () => {
    serve = (request, response) => {
      response.writeHead(200).flushHeaders();
      request.on("data", (chunk: Buffer) => response.write(`got ${chunk}\n`)).on("end", () => response.end("done"));
    };
    const request = httpRequest(url("/endpoints/iris/stream"), { method: "POST" });
    request.write("one");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(String((await once(response, "data"))[0])).toBe("got one\n");
    request.write("two");
    expect(String((await once(response, "data"))[0])).toBe("got two\n");
    request.end();
    expect(String((await once(response, "data"))[0])).toBe("done");
  });

  it("is given up at the gateway when the caller has gone", async () => {
    const gone = new Promise<void>((resolve) => {
      serve = (request, response) => {
        response.writeHead(200).flushHeaders();
        request.on("close", resolve);
      };
    });
    const controller = new AbortController();
    await fetch(url("/endpoints/iris/x"), { signal: controller.signal });
    controller.abort();
    await gone;
  });

  it("is answered 504 when the model server says nothing for too long", async () => {
    serve = () => {};
    const answer = await fetch(url("/endpoints/iris/x"));
    expect([answer.status, await answer.json()]).toEqual([504, { message: "Endpoint request timed out" }]);
  });

  it("is answered 502 when the gateway breaks off", async () => {
    serve = (request) => request.socket.destroy();
    expect((await fetch(url("/endpoints/iris/x"))).status).toBe(502);
  });

  it("is answered 403 where no resource of the API is, as API Gateway does", async () => {
    expect((await fetch(url("/endpoints"))).status).toBe(403);
  });
});

describe("at the start", () => {
  it("an integration that is not carried out is refused by path", () => {
    const lambda = { ...method("Id", "", {}), Metadata: { "aws:cdk:path": "App/Odd" } };
    lambda.Properties.Integration = { ...lambda.Properties.Integration, Type: "AWS_PROXY" };
    const odd = templateOf({
      Api: { Type: "AWS::ApiGateway::RestApi" },
      Id: resource({ "Fn::GetAtt": ["Api", "RootResourceId"] }, "x"),
      Odd: lambda,
    });
    expect(() => startRestApi({ application: odd, gateway: { placeholder: "", url: "" } })).toThrow(
      "App/Odd: the local REST API carries out HTTP_PROXY only, not AWS_PROXY",
    );
  });
});
