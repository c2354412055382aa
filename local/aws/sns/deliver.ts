import type { Deliveries, Delivery } from "../../storage/deliveries.ts";
import type { QueueStore } from "../sqs/store.ts";
import type { Message, MessageSigner } from "./message.ts";
import type { Subscription, TopicStore } from "./store.ts";

export interface Notice {
  subscription_arn: string;
  message: Message;
}

/** As SNS has it for HTTP: three more tries after the first; an answer that refuses is not asked again. */
const retryMilliseconds = [1_000, 5_000, 20_000];
const answerMilliseconds = 15_000;

interface Ways {
  store: TopicStore;
  signer: MessageSigner;
  queues: QueueStore;
  deliveries: Deliveries;
}

/** Brings messages to subscribers: kept until they have arrived or were given up, so that a crash loses none. */
export function deliverNotices({ store, signer, queues, deliveries }: Ways): (notice: Notice) => void {
  deliveries.carry("notification", async (delivery) => {
    const { subscription_arn, message } = delivery.payload as Notice;
    const subscription = store.find(subscription_arn);
    if (!subscription) return null;
    const body = subscription.raw && message.Type === "Notification" ? message.Message : JSON.stringify(await signer.sign(message));
    if (subscription.protocol !== "sqs") return post(delivery, subscription, message, body);
    queues.send(subscription.endpoint.split(":").at(-1) ?? "", body);
    return null;
  });
  return (notice) => deliveries.accept("notification", notice);
}

async function post({ attempts }: Delivery, subscription: Subscription, message: Message, body: string): Promise<number | null> {
  const outcome = await answerTo(subscription, message, body);
  if (outcome === "taken") return null;
  const again = outcome.isFinal ? undefined : retryMilliseconds[attempts];
  if (again !== undefined) return again;
  console.error(`A ${message.Type} of ${message.TopicArn} for ${subscription.endpoint} was given up: ${outcome.why}\n${body}`);
  return null;
}

async function answerTo({ arn, endpoint, raw }: Subscription, message: Message, body: string) {
  const isRaw = raw && message.Type === "Notification";
  const headers = {
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": message.Type,
    "x-amz-sns-message-id": message.MessageId,
    "x-amz-sns-topic-arn": message.TopicArn,
    ...(message.Type === "Notification" && { "x-amz-sns-subscription-arn": arn }),
    ...(isRaw && { "x-amz-sns-rawdelivery": "true" }),
  };
  try {
    const answer = await fetch(endpoint, { method: "POST", headers, body, signal: AbortSignal.timeout(answerMilliseconds) });
    await answer.arrayBuffer();
    if (answer.ok) return "taken";
    const isFinal = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
    return { isFinal, why: `it answered ${answer.status}` };
  } catch (error) {
    return { isFinal: false, why: `it could not be reached: ${(error as Error).message}` };
  }
}
