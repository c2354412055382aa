import { randomUUID } from "node:crypto";
import { AwsError } from "../error.ts";
import { type Body, queryAnswer, queryRequest } from "../query-protocol.ts";
import type { AwsService } from "../service.ts";
import type { Notice } from "./deliver.ts";
import type { Subscription, TopicStore } from "./store.ts";

export const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
const longestMessage = 262_144;
const pending = "PendingConfirmation";

export interface TopicsOptions {
  store: TopicStore;
  deliver(notice: Notice): void;
  /** Names of the local queues. */
  queues: ReadonlySet<string>;
  /** Where subscribers confirm and end their subscriptions, without a signature. */
  publicUrl: string;
}

export interface Publication {
  topic: string;
  message: string;
  subject?: string | undefined;
  attributes?: Record<string, { Type: string; Value: string }> | undefined;
}

/** SNS, as far as the template's topics go: people subscribe by http, https or sqs, and are told what is published. */
export class Topics implements AwsService {
  private readonly options: TopicsOptions;

  constructor(options: TopicsOptions) {
    this.options = options;
  }

  handle: AwsService["handle"] = async (call) => {
    const { action, body } = queryRequest(call, { booleans: ["ReturnSubscriptionArn"] });
    const operation = this.operations[action];
    if (operation === undefined) throw new AwsError("InvalidAction", `The local SNS does not know ${action}`);
    return queryAnswer(action, namespace, operation(body));
  };

  private readonly operations: Record<string, (body: Body) => object> = {
    ListTopics: () => ({ Topics: [...this.options.store.topics].map((TopicArn) => ({ TopicArn })) }),
    GetTopicAttributes: (body) => {
      const topic = this.topicOf(body.TopicArn);
      const all = this.options.store.subscriptions(topic);
      const confirmed = all.filter((each) => each.confirmed).length;
      const counts = { SubscriptionsConfirmed: String(confirmed), SubscriptionsPending: String(all.length - confirmed) };
      return { Attributes: new Map(Object.entries({ TopicArn: topic, ...counts })) };
    },
    Subscribe: (body) => this.subscribe(body),
    ConfirmSubscription: (body) => ({ SubscriptionArn: this.confirm(String(body.TopicArn), String(body.Token)).arn }),
    ListSubscriptions: () => ({ Subscriptions: this.options.store.subscriptions().map(shown) }),
    ListSubscriptionsByTopic: (body) => ({ Subscriptions: this.options.store.subscriptions(this.topicOf(body.TopicArn)).map(shown) }),
    SetSubscriptionAttributes: (body) => {
      if (body.AttributeName !== "RawMessageDelivery") throw invalid(`The local SNS does not set ${body.AttributeName}`);
      this.options.store.setRaw(this.subscriptionOf(body.SubscriptionArn).arn, body.AttributeValue === "true");
      return {};
    },
    Unsubscribe: (body) => {
      this.options.store.remove(String(body.SubscriptionArn));
      return {};
    },
    Publish: (body) => {
      const { Message, Subject, MessageAttributes } = body;
      if (body.PhoneNumber !== undefined) throw invalid("The local SNS sends no text messages (PhoneNumber)");
      if (typeof Message !== "string" || Message === "") throw invalid("Invalid parameter: Empty message");
      if (body.MessageStructure !== undefined) throw invalid("The local SNS publishes one message for all protocols");
      const topic = this.topicOf(body.TopicArn ?? body.TargetArn);
      const subject = Subject === undefined ? undefined : String(Subject);
      return { MessageId: this.publish({ topic, message: Message, subject, attributes: attributesOf(MessageAttributes) }) };
    },
  };

  /** Gives the message's id. Errors: it is too long. */
  publish({ topic, message, subject, attributes }: Publication): string {
    if (Buffer.byteLength(message) > longestMessage) throw invalid("Invalid parameter: Message too long");
    const MessageId = randomUUID();
    const common = { Type: "Notification", MessageId, TopicArn: topic, Subject: subject, Message: message } as const;
    for (const { arn } of this.options.store.subscriptions(topic).filter(({ confirmed }) => confirmed)) {
      const UnsubscribeURL = `${this.options.publicUrl}/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(arn)}`;
      const more = { Timestamp: new Date().toISOString(), UnsubscribeURL, MessageAttributes: attributes };
      this.options.deliver({ subscription_arn: arn, message: { ...common, ...more } });
    }
    return MessageId;
  }

  confirm(topic: string, token: string): Subscription {
    const found = this.options.store.confirm(topic, token);
    if (!found) throw invalid("Invalid token");
    return found;
  }

  private subscribe({ TopicArn, Protocol, Endpoint, ReturnSubscriptionArn, Attributes }: Body): object {
    const topic = this.topicOf(TopicArn);
    const [protocol, endpoint] = [String(Protocol), String(Endpoint)];
    this.requireReachable(protocol, endpoint);
    const raw = rawIn(Attributes);
    const subscription = this.options.store.subscribe(topic, protocol, endpoint, { confirmed: protocol === "sqs", raw });
    if (!subscription.confirmed) this.askToConfirm(subscription);
    return { SubscriptionArn: subscription.confirmed || ReturnSubscriptionArn === true ? subscription.arn : "pending confirmation" };
  }

  private requireReachable(protocol: string, endpoint: string): void {
    if (protocol === "sqs") {
      if (!this.options.queues.has(endpoint.split(":").at(-1) ?? "")) throw invalid(`Invalid parameter: SQS endpoint ARN: ${endpoint}`);
    } else if (protocol !== "http" && protocol !== "https") {
      throw invalid(`Invalid parameter: the local SNS delivers by http, https and sqs, not by ${protocol}`);
    } else if (!endpoint.startsWith(`${protocol}://`) || !URL.canParse(endpoint)) {
      throw invalid("Invalid parameter: Endpoint must match the specified protocol");
    }
  }

  private askToConfirm({ arn, topic, token }: Subscription): void {
    const query = `Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topic)}&Token=${token}`;
    const Message =
      `You have chosen to subscribe to the topic ${topic}.\n` +
      "To confirm the subscription, visit the SubscribeURL included in this message.";
    const common = { Type: "SubscriptionConfirmation", MessageId: randomUUID(), TopicArn: topic, Message } as const;
    const SubscribeURL = `${this.options.publicUrl}/?${query}`;
    this.options.deliver({
      subscription_arn: arn,
      message: { ...common, Timestamp: new Date().toISOString(), Token: token, SubscribeURL },
    });
  }

  private topicOf(arn: unknown): string {
    if (typeof arn === "string" && this.options.store.topics.has(arn)) return arn;
    throw new AwsError("NotFound", "Topic does not exist", 404);
  }

  private subscriptionOf(arn: unknown): Subscription {
    const found = this.options.store.find(String(arn));
    if (!found) throw new AwsError("NotFound", "Subscription does not exist", 404);
    return found;
  }
}

const shown = ({ arn, topic, protocol, endpoint, confirmed }: Subscription): object => ({
  ...{ TopicArn: topic, Protocol: protocol, SubscriptionArn: confirmed ? arn : pending, Owner: topic.split(":")[4], Endpoint: endpoint },
});

/** Entries of a map arrive numbered, each with its key and its value. */
function rawIn(attributes: unknown): boolean {
  const entries = (attributes ?? []) as { key: string; value: unknown }[];
  const unknown = entries.find(({ key }) => key !== "RawMessageDelivery");
  if (unknown) throw invalid(`The local SNS does not know the attribute ${unknown.key} of a subscription`);
  return entries.some(({ value }) => value === "true");
}

function attributesOf(entries: unknown): Publication["attributes"] {
  if (entries === undefined) return undefined;
  const all = entries as { Name: string; Value: { DataType: string; StringValue?: string; BinaryValue?: string } }[];
  return Object.fromEntries(
    all.map(({ Name, Value }) => [Name, { Type: Value.DataType, Value: String(Value.StringValue ?? Value.BinaryValue ?? "") }]),
  );
}

const invalid = (message: string): AwsError => new AwsError("InvalidParameter", message);
