import { createHash } from "node:crypto";
import { account } from "../../template/place.ts";
import { AwsError } from "../error.ts";
import type { AwsService } from "../service.ts";
import type { QueueStore } from "./store.ts";

type Body = Record<string, unknown>;

/** SQS, as far as looking into dead-letter queues needs it. `origin` is what queue URLs begin with. */
export function sqsService(store: QueueStore, origin: string): AwsService {
  const url = (name: string): string => `${origin}/aws/${account}/${name}`;
  const operations: Record<string, (body: Body) => object> = {
    ListQueues: () => ({ QueueUrls: [...store.names].map(url) }),
    GetQueueUrl: (body) => ({ QueueUrl: url(existing(store, String(body.QueueName))) }),
    SendMessage: (body) => {
      const text = String(body.MessageBody);
      return { MessageId: store.send(queueOf(store, body), text), MD5OfMessageBody: md5(text) };
    },
    ReceiveMessage: (body) => ({
      Messages: store
        .receive(queueOf(store, body), Number(body.MaxNumberOfMessages ?? 1), Number(body.VisibilityTimeout ?? 30))
        .map((message) => ({
          MessageId: message.id,
          ReceiptHandle: message.receipt,
          Body: message.body,
          MD5OfBody: md5(message.body),
          Attributes: { SentTimestamp: String(message.sent_at), ApproximateReceiveCount: String(message.receives) },
        })),
    }),
    DeleteMessage: (body) => {
      store.delete(queueOf(store, body), String(body.ReceiptHandle));
      return {};
    },
    PurgeQueue: (body) => {
      store.purge(queueOf(store, body));
      return {};
    },
    GetQueueAttributes: (body) => ({ Attributes: { ApproximateNumberOfMessages: String(store.count(queueOf(store, body))) } }),
  };
  return {
    handle: async (call) => {
      const operation = operations[call.action ?? ""];
      if (operation === undefined) throw new AwsError("UnknownOperationException", `The local SQS does not know ${call.action}`);
      return { status: 200, body: operation(JSON.parse(call.body.toString("utf8") || "{}") as Body) };
    },
  };
}

const queueOf = (store: QueueStore, body: Body): string => existing(store, String(body.QueueUrl).split("/").at(-1) ?? "");

function existing(store: QueueStore, name: string): string {
  if (!store.names.has(name)) throw new AwsError("AWS.SimpleQueueService.NonExistentQueue", `The specified queue does not exist: ${name}`);
  return name;
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
