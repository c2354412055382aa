import { account, arn } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import { inBatch } from "./batch.ts";
import { wholeNumber } from "./errors.ts";
import { changeVisibility, deleteMessage, receiveMessages, sendMessage, usualVisibility } from "./messages.ts";
import type { QueueStore } from "./store.ts";

type Body = Record<string, unknown>;
type Operation = (body: Body) => object | Promise<object>;

/** SQS, as far as looking into dead-letter queues needs it. `origin` is what queue URLs begin with. */
export function sqsService(store: QueueStore, origin: string): AwsService {
  const url = (name: string): string => `${origin}/aws/${account}/${name}`;
  const onQueue =
    (operation: (store: QueueStore, queue: string, body: Body) => object | Promise<object>): Operation =>
    (body) =>
      operation(store, existing(store, nameIn(body)), body);
  const onEach = (once: (store: QueueStore, queue: string, entry: Body) => object): Operation =>
    onQueue((_store, queue, body) => inBatch(body, (entry) => once(store, queue, entry)));
  const operations: Record<string, Operation> = {
    ListQueues: (body) => listQueues([...store.names].toSorted().map(url), url(String(body.QueueNamePrefix ?? "")), body),
    GetQueueUrl: (body) => ({ QueueUrl: url(existing(store, String(body.QueueName))) }),
    GetQueueAttributes: onQueue(queueAttributes),
    SendMessage: onQueue(sendMessage),
    SendMessageBatch: onEach(sendMessage),
    ReceiveMessage: onQueue(receiveMessages),
    ChangeMessageVisibility: onQueue(changeVisibility),
    ChangeMessageVisibilityBatch: onEach(changeVisibility),
    DeleteMessage: onQueue(deleteMessage),
    DeleteMessageBatch: onEach(deleteMessage),
    PurgeQueue: onQueue((_store, queue) => {
      store.purge(queue);
      return {};
    }),
  };
  return {
    handle: async (call) => {
      const operation = operations[call.action ?? ""];
      if (operation === undefined) throw new AwsError("UnknownOperationException", `The local SQS does not know ${call.action}`);
      return { status: 200, body: await operation(JSON.parse(call.body.toString("utf8") || "{}") as Body) };
    },
  };
}

function listQueues(urls: string[], prefix: string, body: Body): object {
  const most = wholeNumber(body.MaxResults, "MaxResults", [1, 1000], 1000);
  const after = Buffer.from(String(body.NextToken ?? ""), "base64url").toString();
  const found = urls.filter((each) => each.startsWith(prefix) && each > after);
  const QueueUrls = found.slice(0, most);
  if (QueueUrls.length === 0) return {};
  const more = body.MaxResults !== undefined && found.length > most;
  return { QueueUrls, ...(more && { NextToken: Buffer.from(QueueUrls.at(-1) ?? "").toString("base64url") }) };
}

/** What a queue here does not have is left out, as SQS leaves it out. */
const others = [
  ...["Policy", "MessageRetentionPeriod", "CreatedTimestamp", "LastModifiedTimestamp", "RedrivePolicy", "FifoQueue", "KmsMasterKeyId"],
  ...["ContentBasedDeduplication", "KmsDataKeyReusePeriodSeconds", "DeduplicationScope", "FifoThroughputLimit", "RedriveAllowPolicy"],
  "SqsManagedSseEnabled",
];

function queueAttributes(store: QueueStore, queue: string, body: Body): object {
  const { visible, in_flight, delayed } = store.counts(queue);
  const all: Record<string, string> = {
    QueueArn: arn("sqs", queue),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(in_flight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(usualVisibility),
    DelaySeconds: "0",
    ReceiveMessageWaitTimeSeconds: "0",
  };
  const names = (body.AttributeNames ?? []) as string[];
  const unknown = names.find((name) => name !== "All" && !(name in all) && !others.includes(name));
  if (unknown !== undefined) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const wanted = Object.entries(all).filter(([name]) => names.includes("All") || names.includes(name));
  return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
}

const nameIn = (body: Body): string => String(body.QueueUrl).split("/").at(-1) ?? "";

function existing(store: QueueStore, name: string): string {
  if (!store.names.has(name)) throw new AwsError("QueueDoesNotExist", `The specified queue does not exist: ${name}`);
  return name;
}
