import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startRestApi } from "../../../local/rest-api/start.ts";
import { method, optionsOf, path, resource, root, ServedApi } from "./served.ts";

const group = { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "calls" } };
const role = (Service: string) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: { Statement: { Effect: "Allow", Principal: { Service } } },
    ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"],
  },
});
const account = { Type: "AWS::ApiGateway::Account", Properties: { CloudWatchRoleArn: { "Fn::GetAtt": ["Role", "Arn"] } } };
const stage = (Format: string, DestinationArn: unknown = { "Fn::GetAtt": ["Calls", "Arn"] }) => ({
  Type: "AWS::ApiGateway::Stage",
  Properties: { RestApiId: { Ref: "Api" }, StageName: "live", AccessLogSetting: { DestinationArn, Format } },
});
const resources = {
  ...{ Calls: group, Role: role("apigateway.amazonaws.com"), Account: account },
  Top: resource(root, "top"),
  Id: resource({ Ref: "Top" }, "{id}"),
  AtId: method("Id", "/{id}", path("id")),
};

const format = JSON.stringify({
  requestId: "$context.requestId",
  extendedRequestId: "$context.extendedRequestId",
  ip: "$context.identity.sourceIp",
  requestTime: "$context.requestTime",
  requestTimeEpoch: "$context.requestTimeEpoch",
  httpMethod: "$context.httpMethod",
  resourcePath: "$context.resourcePath",
  path: "$context.path",
  status: "$context.status",
  protocol: "$context.protocol",
  responseLength: "$context.responseLength",
  latency: "$context.responseLatency",
  integrationLatency: "$context.integrationLatency",
  mode: "$context.integration.responseTransferMode",
  deployment: "$context.authorizer.deployment",
  error: "$context.error.message",
  unknown: "$context.nothing.of.the.kind",
});

let api: ServedApi;
afterEach(() => api.stop());

// biome-ignore lint/suspicious/noExplicitAny: what the format says
const line = async (index: number): Promise<any> => {
  await vi.waitFor(() => expect(api.lines.length).toBeGreaterThan(index));
  return JSON.parse(api.lines[index]?.message ?? "");
};
const number = expect.stringMatching(/^\d+$/);

describe("the access log", () => {
  it("has a line of each request that has ended, with - for what there is not", async () => {
    api = await ServedApi.start({ ...resources, Stage: stage(format) });
    api.serve = (_request, response) => response.writeHead(418).end("four");
    const answer = await api.fetch("/top/iris?secret=1", { method: "POST", body: "{}" });
    await answer.text();
    expect(await line(0)).toEqual({
      requestId: answer.headers.get("x-amzn-requestid"),
      extendedRequestId: answer.headers.get("x-amz-apigw-id"),
      ip: "127.0.0.1",
      requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      requestTimeEpoch: number,
      httpMethod: "POST",
      resourcePath: "/top/{id}",
      path: "/top/iris",
      status: "418",
      protocol: "HTTP/1.1",
      responseLength: "4",
      latency: number,
      integrationLatency: number,
      mode: "STREAMED",
      ...{ deployment: "-", error: "-", unknown: "-" },
    });
    expect([...api.places]).toEqual([expect.stringMatching(/^calls \w+-live$/)]);
  });

  it("tells of what was refused, and why", async () => {
    api = await ServedApi.start({ ...resources, Stage: stage(format) });
    await api.fetch("/top/iris/y");
    expect(await line(0)).toMatchObject({
      ...{ status: "403", path: "/top/iris/y", resourcePath: "-", integrationLatency: "-", mode: "-" },
      ...{ error: "Missing Authentication Token", responseLength: "42" },
    });
  });

  it("has its line of a stream when that has ended, also by the caller's leaving", async () => {
    api = await ServedApi.start({ ...resources, Stage: stage(format) });
    api.serve = (_request, response) => response.writeHead(200).write("some");
    const request = httpRequest(api.url("/top/iris")).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await once(response, "data");
    expect(api.lines).toEqual([]);
    request.destroy();
    expect(await line(0)).toMatchObject({ status: "200", responseLength: "4" });
  });

  it("loses nothing when the system stops: what has not ended is broken off and has its line", async () => {
    api = await ServedApi.start({ ...resources, Stage: stage(format) });
    const reached = new Promise<void>((settle) => {
      api.serve = () => settle();
    });
    const gone = api.fetch("/top/iris").catch(() => "gone");
    await reached;
    api.api.stop();
    expect(JSON.parse(api.lines[0]?.message ?? "")).toMatchObject({ path: "/top/iris", status: "-" });
    expect(await gone).toBe("gone");
    expect(api.lines).toHaveLength(1);
  });

  it("keeps a line whole whatever the caller's path holds", async () => {
    api = await ServedApi.start({ ...resources, Stage: stage(format) });
    const path = '/top/a"b\\c';
    const request = httpRequest(api.url("/"), { path }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    expect(await line(0)).toMatchObject({ path });
  });

  it("has the form that the stage gives it", async () => {
    api = await ServedApi.start({
      ...resources,
      Stage: stage('$context.httpMethod $context.path.$context.status,$context.error.messageString "$x"'),
    });
    await api.fetch("/top/iris/y");
    await vi.waitFor(() => expect(api.lines).toHaveLength(1));
    expect(api.lines[0]?.message).toBe('GET /top/iris/y.403,"Missing Authentication Token" "$x"');
  });
});

it("a log that API Gateway could not write is refused at the start", async () => {
  api = await ServedApi.start(resources);
  const refused = (more: object) => () => startRestApi(optionsOf({ ...resources, Stage: stage(format), ...more }));
  expect(refused({ Account: { Type: "AWS::ApiGateway::Account" } })).toThrow("needs a role for logs in the account's settings");
  expect(refused({ Role: role("lambda.amazonaws.com") })).toThrow("does not let apigateway.amazonaws.com assume it");
  expect(refused({ Stage: stage(format, "arn:aws:firehose:us-east-1:000000000000:deliverystream/x") })).toThrow("which is no log group");
});
