import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AwsError } from "../error.ts";
import { attributesIn, md5OfAttributes, wantedOf } from "./attributes.ts";
import { invalidValue, wholeNumber } from "./errors.ts";
import type { Message, QueueStore } from "./store.ts";

type Body = Record<string, unknown>;

const largestMessage = 1_048_576;
const mostDelay = 900;
export const usualVisibility = 30;
const mostVisibility = 43_200;
const mostWait = 20;
/** How often a receiver that waits looks again. */
const lookMilliseconds = 100;

export function sendMessage(store: QueueStore, queue: string, body: Body): object {
  for (const name of ["MessageDeduplicationId", "MessageGroupId", "MessageSystemAttributes"]) {
    if (body[name] !== undefined) throw new AwsError("UnsupportedOperation", `The local SQS does not know ${name}`);
  }
  const text = body.MessageBody;
  if (typeof text !== "string" || text === "")
    throw new AwsError("MissingParameterException", "The request must contain the parameter MessageBody.");
  const attributes = attributesIn(body.MessageAttributes);
  if (Buffer.byteLength(text) > largestMessage)
    throw invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${largestMessage} bytes.`);
  const seconds = wholeNumber(body.DelaySeconds, "DelaySeconds", [0, mostDelay], 0);
  const sum = md5OfAttributes(attributes);
  return {
    MessageId: store.send(queue, text, attributes, seconds),
    MD5OfMessageBody: md5(text),
    ...(sum && { MD5OfMessageAttributes: sum }),
  };
}

/** Waits for messages as long as the receiver says, when there are none. */
export async function receiveMessages(store: QueueStore, queue: string, body: Body): Promise<object> {
  const most = wholeNumber(body.MaxNumberOfMessages, "MaxNumberOfMessages", [1, 10], 1);
  const visibility = visibilityIn(body, usualVisibility);
  const until = Date.now() + 1000 * wholeNumber(body.WaitTimeSeconds, "WaitTimeSeconds", [0, mostWait], 0);
  let found = store.receive(queue, most, visibility);
  while (found.length === 0 && Date.now() < until) {
    await delay(lookMilliseconds, undefined, { ref: false });
    if (!store.isOpen) break;
    found = store.receive(queue, most, visibility);
  }
  return found.length === 0 ? {} : { Messages: found.map((message) => shown(message, body)) };
}

function shown({ id, receipt, body: text, attributes, ...message }: Message, asked: Body): object {
  const told = wantedOf(attributes, asked.MessageAttributeNames);
  const sum = md5OfAttributes(told);
  const names = [...((asked.AttributeNames ?? []) as string[]), ...((asked.MessageSystemAttributeNames ?? []) as string[])];
  const system = {
    SentTimestamp: String(message.sent_at),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.first_received_at),
  };
  const wanted = Object.entries(system).filter(([name]) => names.includes(name) || names.includes("All"));
  return {
    ...{ MessageId: id, ReceiptHandle: receipt, Body: text, MD5OfBody: md5(text) },
    ...(wanted.length > 0 && { Attributes: Object.fromEntries(wanted) }),
    ...(sum && { MessageAttributes: told, MD5OfMessageAttributes: sum }),
  };
}

export function deleteMessage(store: QueueStore, queue: string, body: Body): object {
  store.delete(queue, receiptIn(body));
  return {};
}

export function changeVisibility(store: QueueStore, queue: string, body: Body): object {
  if (body.VisibilityTimeout === undefined)
    throw new AwsError("MissingParameterException", "The request must contain the parameter VisibilityTimeout.");
  if (store.changeVisibility(queue, receiptIn(body), visibilityIn(body, 0))) return {};
  throw new AwsError("MessageNotInflight", "The message referred to is not in flight.");
}

const visibilityIn = (body: Body, usual: number): number =>
  wholeNumber(body.VisibilityTimeout, "VisibilityTimeout", [0, mostVisibility], usual);

function receiptIn({ ReceiptHandle: receipt }: Body): string {
  if (typeof receipt === "string" && /^[0-9a-f-]{36}$/.test(receipt)) return receipt;
  throw new AwsError("ReceiptHandleIsInvalid", `The input receipt handle "${receipt}" is not a valid receipt handle.`, 404);
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
