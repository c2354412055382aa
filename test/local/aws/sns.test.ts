import { createVerify, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sign } from "aws4";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Credentials } from "../../../local/aws/credentials.ts";
import { awsEndpoint } from "../../../local/aws/endpoint.ts";
import { deliverNotices } from "../../../local/aws/sns/deliver.ts";
import { MessageSigner } from "../../../local/aws/sns/message.ts";
import { publicWay } from "../../../local/aws/sns/public-way.ts";
import { Topics } from "../../../local/aws/sns/service.ts";
import { TopicStore } from "../../../local/aws/sns/store.ts";
import { QueueStore } from "../../../local/aws/sqs/store.ts";
import { Roles } from "../../../local/iam/roles.ts";
import { type Database, openDatabase } from "../../../local/storage/database.ts";
import { Deliveries } from "../../../local/storage/deliveries.ts";
import { templateOf } from "../template-of.ts";

const topic = "arn:aws:sns:us-east-1:000000000000:App-Alerts";
const queueArn = "arn:aws:sqs:us-east-1:000000000000:heard";

interface Posted {
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted
  body: any;
}

let folder: string;
let database: Database;
let deliveries: Deliveries;
let queues: QueueStore;
let topics: Topics;
let servers: Server[];
let aws: string;
let posted: Posted[];
let answers: number[];
const credentials = new Credentials();

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-sns-"));
  database = openDatabase(folder);
  [servers, posted, answers] = [[], [], []];
  deliveries = new Deliveries(database);
  queues = new QueueStore(database, ["heard"]);
  const store = new TopicStore(database, [topic]);
  let open: RequestListener = () => undefined;
  const publicUrl = `${await serve((request, response) => open(request, response))}/sns`;
  const signer = new MessageSigner(`${publicUrl}/certificate.pem`);
  topics = new Topics({ store, deliver: deliverNotices({ store, signer, queues, deliveries }), queues: queues.names, publicUrl });
  open = publicWay({ topics, store, signer });
  const roles = new Roles(templateOf({}));
  const endpoint = awsEndpoint({ credentials, roles, tableKeys: new Map(), services: { sns: topics }, onDenied: () => {} });
  aws = `${await serve(endpoint)}/aws`;
});
afterEach(async () => {
  await deliveries.stop();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As SDK clients and the AWS CLI ask: AWS Query, signed. */
async function ask(action: string, fields: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const body = new URLSearchParams({ Action: action, Version: "2010-03-31", ...fields }).toString();
  const { host } = new URL(aws);
  const request = { service: "sns", region: "us-east-1", host, method: "POST", path: "/aws/", body };
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const signed = sign({ ...request, headers }, { accessKeyId: "anything", secretAccessKey: "x" });
  const answer = await fetch(`http://${host}/aws/`, { method: "POST", headers: signed.headers as Record<string, string>, body });
  return { status: answer.status, text: await answer.text() };
}
const told = (text: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "";

/** A subscriber: keeps what it is sent, and answers as `answers` has it, else 200. */
const subscriber = () =>
  serve(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    posted.push({ headers: request.headers, body: request.headers["x-amz-sns-rawdelivery"] ? text : JSON.parse(text) });
    response.writeHead(answers.shift() ?? 200).end();
  });

async function confirmed(fields: Record<string, string> = {}): Promise<void> {
  const endpoint = await subscriber();
  await ask("Subscribe", { TopicArn: topic, Protocol: "http", Endpoint: endpoint, ...fields });
  await expect.poll(() => posted).toHaveLength(1);
  const answer = await fetch(posted.shift()?.body.SubscribeURL);
  expect(told(await answer.text(), "SubscriptionArn")).toContain(`${topic}:`);
}

describe("a subscription by http", () => {
  it("is told how to confirm, and nothing else before it has", async () => {
    const endpoint = await subscriber();
    const { text } = await ask("Subscribe", { TopicArn: topic, Protocol: "http", Endpoint: endpoint });
    expect(told(text, "SubscriptionArn")).toBe("pending confirmation");
    await expect.poll(() => posted).toHaveLength(1);
    expect(posted[0]).toMatchObject({
      headers: { "x-amz-sns-message-type": "SubscriptionConfirmation", "x-amz-sns-topic-arn": topic },
      body: {
        Type: "SubscriptionConfirmation",
        TopicArn: topic,
        Token: expect.any(String),
        SubscribeURL: expect.stringContaining("Token="),
      },
    });
    expect((await ask("Publish", { TopicArn: topic, Message: "too early" })).status).toBe(200);
    const { SubscribeURL } = posted[0]?.body ?? {};
    await fetch(SubscribeURL);
    await ask("Publish", { TopicArn: topic, Message: "now" });
    await expect.poll(() => posted.map(({ body }) => body.Message)).toEqual([expect.stringContaining("confirm"), "now"]);
  });

  it("hears what is published, signed as SNS signs", async () => {
    await confirmed();
    const attribute = { "MessageAttributes.entry.1.Name": "kind", "MessageAttributes.entry.1.Value.DataType": "String" };
    const fields = { Subject: "A & B", Message: "one < two", ...attribute, "MessageAttributes.entry.1.Value.StringValue": "alert" };
    const { text } = await ask("Publish", { TopicArn: topic, ...fields });
    await expect.poll(() => posted).toHaveLength(1);
    const { headers, body } = posted[0] as Posted;
    expect(headers).toMatchObject({ "x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": told(text, "MessageId") });
    expect(body).toMatchObject({ Type: "Notification", Subject: "A & B", Message: "one < two" });
    expect(body.MessageAttributes).toEqual({ kind: { Type: "String", Value: "alert" } });
    const certificate = new X509Certificate(await (await fetch(body.SigningCertURL)).text());
    const names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
    const lines = names.flatMap((name) => [name, body[name]]);
    const verify = createVerify("RSA-SHA1").update(`${lines.join("\n")}\n`);
    expect(verify.verify(certificate.publicKey, body.Signature, "base64")).toBe(true);
  });

  it("gets the message alone where it asks for that", async () => {
    await confirmed({ "Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true" });
    await ask("Publish", { TopicArn: topic, Message: "plain" });
    await expect.poll(() => posted.map(({ body }) => body)).toEqual(["plain"]);
  });

  it("is tried again when it fails", async () => {
    await confirmed();
    answers = [500];
    await ask("Publish", { TopicArn: topic, Message: "again" });
    await expect.poll(() => posted.map(({ body }) => body.Message)).toEqual(["again", "again"]);
  });

  it("ends by the link in each message", async () => {
    await confirmed();
    await ask("Publish", { TopicArn: topic, Message: "last" });
    await expect.poll(() => posted).toHaveLength(1);
    await fetch(posted[0]?.body.UnsubscribeURL);
    expect((await ask("ListSubscriptionsByTopic", { TopicArn: topic })).text).toContain("<Subscriptions></Subscriptions>");
  });
});

it("a queue needs no confirmation", async () => {
  const { text } = await ask("Subscribe", { TopicArn: topic, Protocol: "sqs", Endpoint: queueArn });
  expect(told(text, "SubscriptionArn")).toContain(`${topic}:`);
  await ask("Publish", { TopicArn: topic, Message: "queued" });
  await expect.poll(() => queues.counts("heard").visible).toBe(1);
  expect(JSON.parse(queues.receive("heard", 1, 60)[0]?.body ?? "{}")).toMatchObject({ Type: "Notification", Message: "queued" });
  // A form says nothing of types: what reads as one is a text all the same.
  await ask("Publish", { TargetArn: topic, Message: "true" });
  await expect.poll(() => queues.counts("heard").visible).toBe(1);
  expect(JSON.parse(queues.receive("heard", 1, 60)[0]?.body ?? "{}")).toMatchObject({ Message: "true" });
});

describe("what is refused", () => {
  it.each([
    ["Publish", { TopicArn: `${topic}-not`, Message: "x" }, 404, "NotFound"],
    ["Publish", { TopicArn: topic, Message: "" }, 400, "InvalidParameter"],
    ["Publish", { TopicArn: topic, Message: "x".repeat(262_145) }, 400, "InvalidParameter"],
    ["Subscribe", { TopicArn: topic, Protocol: "email", Endpoint: "ada@example.com" }, 400, "InvalidParameter"],
    ["Subscribe", { TopicArn: topic, Protocol: "https", Endpoint: "http://127.0.0.1" }, 400, "InvalidParameter"],
    ["Subscribe", { TopicArn: topic, Protocol: "sqs", Endpoint: `${queueArn}-not` }, 400, "InvalidParameter"],
    ["ConfirmSubscription", { TopicArn: topic, Token: "guessed" }, 400, "InvalidParameter"],
    ["CreateTopic", { Name: "x" }, 400, "InvalidAction"],
  ])("%s %j", async (action, fields, status, code) => {
    const answer = await ask(action, fields as Record<string, string>);
    expect([answer.status, told(answer.text, "Code")]).toEqual([status, code]);
  });
});

it("tells its topics and who has subscribed", async () => {
  await confirmed();
  expect((await ask("ListTopics")).text).toContain(`<Topics><member><TopicArn>${topic}</TopicArn></member></Topics>`);
  const { text } = await ask("GetTopicAttributes", { TopicArn: topic });
  expect(text).toContain("<entry><key>SubscriptionsConfirmed</key><value>1</value></entry>");
});
