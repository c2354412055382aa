import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lambdaService } from "../../../local/aws/lambda/service.ts";
import type { AsyncInvocations } from "../../../local/functions/async-invocations.ts";
import type { FunctionConfiguration } from "../../../local/functions/configuration.ts";
import { type Endpoint, serveAws } from "./support/endpoint.ts";

const names = Array.from({ length: 60 }, (_, index) => `App-F${String(index).padStart(2, "0")}`);
const configurations = names.map(
  (name): FunctionConfiguration => ({
    ...{ name, title: name, arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, role_arn: "arn:aws:iam::000000000000:role/r" },
    ...{ runtime: "nodejs24.x", file: "/code/index.mjs", handler: "handler", environment: { TABLE: "t" }, log_group: "/g" },
    ...{ timeout_seconds: 10, memory_mb: 128, reserved_executions: null },
  }),
);

let endpoint: Endpoint;
let invoked: unknown[];
let accepted: unknown[];
beforeAll(async () => {
  const invoke = async (name: string, payload: unknown) => {
    invoked.push([name, payload]);
    return { payload: { echo: payload }, function_error: null };
  };
  const accept = (name: string, payload: unknown) => void accepted.push([name, payload]);
  const functions = { configurations, invoke, stop: async () => {} };
  endpoint = await serveAws({ lambda: lambdaService(functions, { accept } as unknown as AsyncInvocations) });
});
afterAll(() => endpoint?.close());
beforeEach(() => {
  invoked = [];
  accepted = [];
});

async function invoke(name: string, { headers = {}, body = '{"a":1}', query = "" } = {}) {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations${query}`;
  const answer = await endpoint.send("lambda", { path, headers: { "content-type": "application/json", ...headers }, body });
  return { status: answer.status, error: answer.headers.get("x-amzn-errortype"), body: await answer.text(), headers: answer.headers };
}

describe("a function", () => {
  it.each([
    "App-F07",
    "App-F07:$LATEST",
    "000000000000:function:App-F07",
    "arn:aws:lambda:us-east-1:000000000000:function:App-F07",
    "arn:aws:lambda:us-east-1:000000000000:function:App-F07:$LATEST",
  ])("is invoked as %s", async (name) => {
    const { status, body, headers } = await invoke(name);
    expect([status, JSON.parse(body), headers.get("x-amz-executed-version")]).toEqual([200, { echo: { a: 1 } }, "$LATEST"]);
    expect(invoked).toEqual([["App-F07", { a: 1 }]]);
  });

  it("gets an empty event where none is given", async () => {
    await invoke("App-F07", { body: "" });
    expect(invoked).toEqual([["App-F07", {}]]);
  });

  it("is told of later, or not at all, as the call says", async () => {
    expect((await invoke("App-F07", { headers: { "x-amz-invocation-type": "Event" } })).status).toBe(202);
    expect((await invoke("App-F07", { headers: { "x-amz-invocation-type": "DryRun" } })).status).toBe(204);
    expect([invoked, accepted]).toEqual([[], [["App-F07", { a: 1 }]]]);
  });

  it.each([
    ["of another name", "App-None", {}, "ResourceNotFoundException"],
    ["of another name, for later", "App-None", { headers: { "x-amz-invocation-type": "Event" } }, "ResourceNotFoundException"],
    ["of another name, for nothing", "App-None", { headers: { "x-amz-invocation-type": "DryRun" } }, "ResourceNotFoundException"],
    ["in another version", "App-F07:3", {}, "ResourceNotFoundException"],
    ["by an alias", "App-F07", { query: "?Qualifier=live" }, "ResourceNotFoundException"],
    ["with what is no JSON", "App-F07", { body: "{" }, "InvalidRequestContentException"],
    ["in an unknown way", "App-F07", { headers: { "x-amz-invocation-type": "Soon" } }, "InvalidParameterValueException"],
    ["with its log", "App-F07", { headers: { "x-amz-log-type": "Tail" } }, "InvalidParameterValueException"],
  ])("is not invoked %s", async (_what, name, given, error) => {
    expect((await invoke(name, given)).error).toBe(error);
    expect([invoked, accepted]).toEqual([[], []]);
  });
});

describe("the functions", () => {
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await endpoint.send("lambda", { method: "GET", path });
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };

  it("are listed page by page", async () => {
    const first = await get("/2015-03-31/functions");
    const second = await get(`/2015-03-31/functions/?Marker=${first.NextMarker}`);
    const listed = [first, second]
      .flatMap(({ Functions }) => Functions as { FunctionName: string }[])
      .map(({ FunctionName }) => FunctionName);
    expect(listed).toEqual(names);
    expect(second).not.toHaveProperty("NextMarker");
  });

  it("are described as the template has them", async () => {
    expect(await get("/2015-03-31/functions/App-F07/configuration")).toMatchObject({
      ...{ FunctionName: "App-F07", Runtime: "nodejs24.x", Handler: "index.handler", Timeout: 10, MemorySize: 128, Version: "$LATEST" },
      ...{ Environment: { Variables: { TABLE: "t" } }, LoggingConfig: { LogGroup: "/g" } },
    });
    expect(await get("/2015-03-31/functions/App-None/configuration")).toMatchObject({ status: 404, __type: "ResourceNotFoundException" });
    expect(await get("/2015-03-31/functions/App-F07")).toMatchObject({ status: 404, __type: "UnknownOperationException" });
  });
});
