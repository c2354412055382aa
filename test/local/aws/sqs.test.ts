import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sqsService } from "../../../local/aws/sqs/service.ts";
import { QueueStore } from "../../../local/aws/sqs/store.ts";
import { type Endpoint, serveAws } from "./support/endpoint.ts";

let endpoint: Endpoint;
beforeEach(async () => {
  const store = new QueueStore(new DatabaseSync(":memory:"), ["undelivered", "other", "another"]);
  endpoint = await serveAws({ sqs: sqsService(store, "http://127.0.0.1:4000") });
});
afterEach(() => endpoint.close());

const urlOf = (name: string) => `http://127.0.0.1:4000/aws/000000000000/${name}`;
const QueueUrl = urlOf("undelivered");

/** The answer's body; with the status and both names of the error where it is one. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function call(action: string, body: object = {}): Promise<any> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  const answer = await endpoint.send("sqs", { headers, body: JSON.stringify({ QueueUrl, ...body }) });
  const told = (await answer.json()) as object;
  return answer.ok ? told : { ...told, status: answer.status, query: answer.headers.get("x-amzn-query-error") };
}
const send = (MessageBody: string, more = {}) => call("SendMessage", { MessageBody, ...more });
const receive = async (more = {}) => (await call("ReceiveMessage", more)).Messages ?? [];
const bodies = async (more = {}) => (await receive({ MaxNumberOfMessages: 10, ...more })).map(({ Body }: { Body: string }) => Body);

describe("messages", () => {
  it("come in the order in which they were sent, ten at most, once while somebody has them", async () => {
    for (let each = 0; each < 12; each += 1) await send(`m${each}`);
    expect(await bodies()).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"]);
    expect(await bodies()).toEqual(["m10", "m11"]);
    expect(await call("ReceiveMessage")).toEqual({});
  });

  it("are there again for others when their receiver says so, and gone when it deletes them", async () => {
    await send("once");
    const [first] = await receive();
    expect(await call("ChangeMessageVisibility", { ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0 })).toEqual({});
    const again = await call("ChangeMessageVisibility", { ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0 });
    expect(again).toMatchObject({ __type: "MessageNotInflight", query: "AWS.SimpleQueueService.MessageNotInflight;Sender" });
    const [second] = await receive({ MessageSystemAttributeNames: ["All"] });
    expect(second.Attributes).toEqual({
      SentTimestamp: expect.stringMatching(/^\d{13}$/),
      ApproximateReceiveCount: "2",
      ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
    });
    await call("DeleteMessage", { ReceiptHandle: second.ReceiptHandle });
    expect((await call("GetQueueAttributes", { AttributeNames: ["All"] })).Attributes).toMatchObject({
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
    });
  });

  it("are waited for", async () => {
    const waiting = bodies({ WaitTimeSeconds: 20 });
    await send("late");
    expect(await waiting).toEqual(["late"]);
  });

  it("have what their sender said beside their body, for who asks for it", async () => {
    const MessageAttributes = {
      timestamp: { DataType: "Number", StringValue: "1493147359900" },
      "slipway.reason": { DataType: "String", StringValue: "ü" },
      "slipway.raw": { DataType: "Binary.png", BinaryValue: "AP8=" },
    };
    const { MD5OfMessageAttributes } = await send("told", { MessageAttributes });
    const [all] = await receive({ MessageAttributeNames: ["All"], VisibilityTimeout: 0 });
    expect(all).toMatchObject({ MessageAttributes, MD5OfMessageAttributes });
    expect(all).not.toHaveProperty("Attributes");
    const [some] = await receive({ MessageAttributeNames: ["slipway.*"], VisibilityTimeout: 0 });
    expect(Object.keys(some.MessageAttributes)).toEqual(["slipway.reason", "slipway.raw"]);
    const [one] = await receive({ MessageAttributeNames: ["timestamp"], VisibilityTimeout: 0 });
    // As SQS itself sums this one up.
    expect(one.MD5OfMessageAttributes).toBe("235c5c510d26fb653d073faed50ae77c");
    expect((await receive())[0]).not.toHaveProperty("MessageAttributes");
  });

  it.each([
    ["an empty body", "SendMessage", { MessageBody: "" }, "MissingParameter"],
    ["too long a delay", "SendMessage", { MessageBody: "x", DelaySeconds: 901 }, "InvalidParameterValue"],
    ["an attribute without a type", "SendMessage", { MessageBody: "x", MessageAttributes: { a: {} } }, "InvalidParameterValue"],
    ["what only FIFO queues have", "SendMessage", { MessageBody: "x", MessageGroupId: "a" }, "AWS.SimpleQueueService.UnsupportedOperation"],
    ["too many at once", "ReceiveMessage", { MaxNumberOfMessages: 11 }, "InvalidParameterValue"],
    ["too long a wait", "ReceiveMessage", { WaitTimeSeconds: 21 }, "InvalidParameterValue"],
    ["what is no receipt", "DeleteMessage", { ReceiptHandle: "mine" }, "ReceiptHandleIsInvalid"],
    ["an unknown attribute", "GetQueueAttributes", { AttributeNames: ["Colour"] }, "InvalidAttributeName"],
    ["another queue", "SendMessage", { MessageBody: "x", QueueUrl: urlOf("nowhere") }, "AWS.SimpleQueueService.NonExistentQueue"],
    ["a name of no queue", "GetQueueUrl", { QueueName: "nowhere" }, "AWS.SimpleQueueService.NonExistentQueue"],
    ["what is not here", "CreateQueue", { QueueName: "mine" }, "UnknownOperation"],
  ])("are refused with %s", async (_what, action, body, code) => {
    expect((await call(action, body)).query).toBe(`${code};Sender`);
    expect(await bodies()).toEqual([]);
  });
});

describe("a batch", () => {
  it("tells of each entry on its own", async () => {
    const Entries = [
      { Id: "a", MessageBody: "first" },
      { Id: "b", MessageBody: "" },
    ];
    const sent = await call("SendMessageBatch", { Entries });
    expect(sent.Successful).toEqual([{ Id: "a", MessageId: expect.any(String), MD5OfMessageBody: expect.any(String) }]);
    expect(sent.Failed).toMatchObject([{ Id: "b", Code: "MissingParameter", SenderFault: true }]);
    const [{ ReceiptHandle }] = await receive();
    const visible = { Entries: [{ Id: "a", ReceiptHandle, VisibilityTimeout: 60 }] };
    expect(await call("ChangeMessageVisibilityBatch", visible)).toEqual({ Successful: [{ Id: "a" }] });
    expect(await call("DeleteMessageBatch", { Entries: [{ Id: "a", ReceiptHandle }] })).toEqual({ Successful: [{ Id: "a" }] });
  });

  it.each([
    [[], "EmptyBatchRequest"],
    [[{ Id: "a" }, { Id: "a" }], "BatchEntryIdsNotDistinct"],
    [[{ Id: "a b" }], "InvalidBatchEntryId"],
    [Array.from({ length: 11 }, (_, Id) => ({ Id: String(Id) })), "TooManyEntriesInBatchRequest"],
  ])("%j: %s", async (entries, code) => {
    const Entries = entries.map((entry) => ({ ...entry, MessageBody: "x" }));
    expect((await call("SendMessageBatch", { Entries })).query).toBe(`AWS.SimpleQueueService.${code};Sender`);
  });
});

describe("queues", () => {
  it("are listed by name, page by page, with a prefix", async () => {
    expect((await call("ListQueues")).QueueUrls).toEqual(["another", "other", "undelivered"].map(urlOf));
    expect(await call("ListQueues", { QueueNamePrefix: "no" })).toEqual({});
    const first = await call("ListQueues", { MaxResults: 2 });
    expect(first.QueueUrls).toEqual(["another", "other"].map(urlOf));
    expect(await call("ListQueues", { MaxResults: 2, NextToken: first.NextToken })).toEqual({ QueueUrls: [QueueUrl] });
    expect(await call("GetQueueUrl", { QueueName: "undelivered" })).toEqual({ QueueUrl });
  });

  it("tell what is in them, of what is asked for", async () => {
    await send("visible");
    await send("delayed", { DelaySeconds: 900 });
    await send("with somebody");
    await call("ReceiveMessage");
    const asked = [
      "QueueArn",
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ];
    expect((await call("GetQueueAttributes", { AttributeNames: [...asked, "RedrivePolicy"] })).Attributes).toEqual({
      QueueArn: "arn:aws:sqs:us-east-1:000000000000:undelivered",
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    expect(await call("GetQueueAttributes")).toEqual({});
    await call("PurgeQueue");
    expect((await call("GetQueueAttributes", { AttributeNames: ["ApproximateNumberOfMessagesDelayed"] })).Attributes).toEqual({
      ApproximateNumberOfMessagesDelayed: "0",
    });
  });
});

it("clients that speak Query are told in it that JSON is spoken here", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await endpoint.send("sqs", { headers, body: "Action=ListQueues&Version=2012-11-05" });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(/<Code>UnknownOperationException<.*speaks JSON/)]);
});
