import { AwsError } from "../../aws/error.ts";
import { queryRequest } from "../../aws/query-protocol.ts";
import type { AwsCall } from "../../aws/service.ts";
import type { Requirement } from "../policy.ts";

const onTopic = ["GetTopicAttributes", "Subscribe", "ConfirmSubscription", "ListSubscriptionsByTopic", "Publish"];
const onSubscription = ["SetSubscriptionAttributes", "Unsubscribe"];
const onEverything = ["ListTopics", "ListSubscriptions"];

/** What a call of SNS needs: the topic, also where the call names a subscription to it. */
export function snsRequirements(call: AwsCall): Requirement[] {
  const { action, body } = queryRequest(call);
  if (onEverything.includes(action)) return [{ action: `sns:${action}`, resource: "*" }];
  if (onTopic.includes(action)) return [{ action: `sns:${action}`, resource: String(body.TopicArn) }];
  if (onSubscription.includes(action))
    return [{ action: `sns:${action}`, resource: String(body.SubscriptionArn).split(":").slice(0, 6).join(":") }];
  throw new AwsError("InvalidAction", `The local runtime does not know sns:${action} (local/iam/requirements/sns.ts)`);
}
