import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awsClient } from "../../lambdas/runtime/aws-client.ts";
import { jsonCalls } from "../../lambdas/runtime/aws-json.ts";

interface Asked {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}
type Reply = (response: ServerResponse) => void;

let server: Server;
let asked: Asked[];
let replies: Reply[];
let slept: number[];

beforeEach(async () => {
  asked = [];
  slept = [];
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push({ url: request.url ?? "", headers: request.headers, body });
    (replies[asked.length - 1] ?? (replies.at(-1) as Reply))(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const says =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
const breaks: Reply = (response) => response.destroy();
const refuses = (name: string, members: object = {}) =>
  says(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "no", ...members });
const nothing: Reply = () => {};

function client({ now = () => Date.now(), timeoutMilliseconds = 5_000, path = "/aws" } = {}) {
  const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const credentials = async () => ({ accessKeyId: "access", secretAccessKey: "secret", sessionToken: "token" });
  const clock = { now, sleep: async (milliseconds: number) => void slept.push(milliseconds) };
  const send = awsClient("DYNAMODB", { region: "eu-west-1", credentials, clock, endpointUrl }, timeoutMilliseconds);
  return jsonCalls(send, { version: "1.0", target: "DynamoDB_20120810" });
}

describe("a call to AWS", () => {
  it("is signed for its service and region, below the endpoint's own path, and gives the answer", async () => {
    replies = [says(200, { Item: 1 })];
    expect(await client()("GetItem", { TableName: "t", ConsistentRead: undefined })).toEqual({ Item: 1 });
    const [{ url, headers, body } = {} as Asked] = asked;
    expect([url, body]).toEqual(["/aws/", '{"TableName":"t"}']);
    expect(headers).toMatchObject({
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.GetItem",
      "x-amz-security-token": "token",
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=access\/\d{8}\/eu-west-1\/dynamodb\/aws4_request, /),
    });
    expect(headers.authorization).toContain("content-type;host;x-amz-date;x-amz-security-token;x-amz-target");
  });

  it("keeps its connection", async () => {
    const ports = new Set<number | undefined>();
    server.on("connection", ({ remotePort }) => ports.add(remotePort));
    replies = [says(200, {})];
    const call = client();
    for (let count = 0; count < 3; count++) await call("GetItem", {});
    expect(ports.size).toBe(1);
  });

  it("is tried again, after a pause of chance, when the service stumbles, throttles or breaks off", async () => {
    replies = [says(500, "oh"), refuses("ThrottlingException"), breaks, says(200, { ok: true })];
    expect(await client()("PutItem", {})).toEqual({ ok: true });
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map(({ body }) => body))).toEqual(new Set(["{}"]));
    expect(slept).toHaveLength(3);
    const [stumbled, throttled] = slept as [number, number, number];
    expect(stumbled).toBeLessThan(100);
    expect(throttled).toBeLessThan(1_000);
  });

  it("is given up after four attempts, with what was said at the last", async () => {
    replies = [refuses("ProvisionedThroughputExceededException")];
    await expect(client()("PutItem", {})).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
      status: 400,
      message: "no",
    });
    expect(asked).toHaveLength(4);
    replies = [breaks];
    await expect(client()("PutItem", {})).rejects.toMatchObject({ name: "NoAnswer", message: expect.stringContaining("127.0.0.1") });
  });

  it("that is refused is not tried again, and keeps the error's name and members", async () => {
    const CancellationReasons = [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: { pk: { S: "a" } } }];
    replies = [refuses("TransactionCanceledException", { CancellationReasons })];
    const refused = client()("TransactWriteItems", {});
    await expect(refused).rejects.toMatchObject({ name: "TransactionCanceledException", members: { CancellationReasons } });
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Reply, { name: string; message: string }]>([
    [
      "by a header",
      says(400, { Message: "m" }, { "x-amzn-errortype": "InvalidName:http://internal/" }),
      { name: "InvalidName", message: "m" },
    ],
    ["by its code", says(400, { code: "ValidationError", message: "m" }), { name: "ValidationError", message: "m" }],
    ["in XML", says(403, "<Error><Code>AccessDenied</Code><Message>m</Message></Error>"), { name: "AccessDenied", message: "m" }],
    ["by nothing but its status", says(404, "not here"), { name: "Http404", message: "not here" }],
  ])("is refused by name: %s", async (_how, reply, expected) => {
    replies = [reply];
    await expect(client()("GetItem", {})).rejects.toMatchObject(expected);
  });

  it("is not waited for longer than an attempt may take", async () => {
    replies = [nothing];
    await expect(client({ timeoutMilliseconds: 20 })("GetItem", {})).rejects.toThrow("not answered within 20 ms");
    expect(asked).toHaveLength(4);
  });

  it("that was refused for our clock is signed anew by the service's own", async () => {
    const theirs = Date.parse("2026-11-21T12:00:00Z");
    const date = { date: new Date(theirs).toUTCString() };
    const skewed = says(400, { __type: "InvalidSignatureException", message: "Signature expired" }, date);
    replies = [skewed, says(200, {}), says(200, {})];
    const call = client({ now: () => theirs - 60 * 60_000 });
    await call("GetItem", {});
    await call("GetItem", {});
    expect(asked.map(({ headers }) => headers["x-amz-date"])).toEqual(["20261121T110000Z", "20261121T120000Z", "20261121T120000Z"]);
    expect(slept).toEqual([0]);
  });

  it("whose signature is wrong by itself is refused at once", async () => {
    replies = [says(400, { __type: "InvalidSignatureException", message: "does not match" }, { date: new Date().toUTCString() })];
    await expect(client()("GetItem", {})).rejects.toMatchObject({ name: "InvalidSignatureException" });
    expect(asked).toHaveLength(1);
  });

  it("on a connection that was closed while idle is sent again without a pause", async () => {
    replies = [says(200, {}), breaks, says(200, {})];
    const call = client();
    await call("GetItem", {});
    await call("GetItem", {});
    expect(asked).toHaveLength(3);
    expect(slept).toEqual([0]);
  });

  it.each([
    ["not answered at first", [breaks, refuses("ThrottlingException")], true],
    ["answered by a fault at first", [says(500, {}), refuses("ThrottlingException")], true],
    ["refused each time", [refuses("ThrottlingException")], false],
  ])("that was %s says whether it may have had its effect, and what it was", async (_, given, isUnsure) => {
    replies = given;
    const failed = { asked: "DynamoDB_20120810.PutItem", isUnsure };
    await expect(client()("PutItem", {})).rejects.toMatchObject({ name: "ThrottlingException", failed });
  });
});
