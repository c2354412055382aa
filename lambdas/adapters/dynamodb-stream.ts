import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import type { DeploymentEvent } from "../../domain/deployment.ts";
import type { PromotionEvent } from "../../domain/promotion.ts";
import { fieldsOf, type Item } from "./dynamodb-items.ts";
import { deploymentPartition } from "./dynamodb-keys.ts";

/** An EVENT item as the table's stream carries it. */
export interface StreamedEvent {
  uid: string;
  event: DeploymentEvent;
}

/** An EVENT item of a promotion or of a model; undefined for anything else. */
export function streamedPromotionEvent(record: DynamoDBRecord): PromotionEvent | undefined {
  const item = newEvent(record);
  return item && !isOfDeployment(item) ? fieldsOf<PromotionEvent>(item) : undefined;
}

/** undefined for anything but a new EVENT item of a deployment. The mapping's filter drops those already; ours must not depend on it. */
export function streamedEvent(record: DynamoDBRecord): StreamedEvent | undefined {
  const item = newEvent(record);
  if (!item || !isOfDeployment(item)) return undefined;
  return { uid: String(item.pk).slice(deploymentPartition("").length), event: fieldsOf<DeploymentEvent>(item) };
}

function newEvent({ eventName, dynamodb }: DynamoDBRecord): Item | undefined {
  if (eventName !== "INSERT" || !dynamodb?.NewImage) return undefined;
  const item: Item = unmarshall(dynamodb.NewImage as Parameters<typeof unmarshall>[0]);
  return item.item_type === "EVENT" ? item : undefined;
}

const isOfDeployment = ({ pk }: Item): boolean => String(pk).startsWith(deploymentPartition(""));
