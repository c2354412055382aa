import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import type { DeploymentEvent } from "../../domain/deployment.ts";
import { fieldsOf, type Item } from "./dynamodb-items.ts";
import { deploymentPartition } from "./dynamodb-keys.ts";

/** An EVENT item as the table's stream carries it. */
export interface StreamedEvent {
  uid: string;
  event: DeploymentEvent;
}

/** undefined for anything but a new EVENT item. The mapping's filter drops those already; ours must not depend on it. */
export function streamedEvent({ eventName, dynamodb }: DynamoDBRecord): StreamedEvent | undefined {
  if (eventName !== "INSERT" || !dynamodb?.NewImage) return undefined;
  const item: Item = unmarshall(dynamodb.NewImage as Record<string, AttributeValue>);
  if (item.item_type !== "EVENT") return undefined;
  return { uid: String(item.pk).slice(deploymentPartition("").length), event: fieldsOf<DeploymentEvent>(item) };
}
