import type { DynamoDBRecord } from "aws-lambda";
import type { DeploymentEvent } from "../../domain/deployment-event.ts";
import type { PromotionEvent } from "../../domain/promotion.ts";
import { type AttributeValues, fromValues } from "../runtime/attribute-values.ts";
import { eventsIn } from "./dynamodb-event-items.ts";
import { fieldsOf, type Item } from "./dynamodb-items.ts";
import { deploymentPartition } from "./dynamodb-keys.ts";

export interface StreamedEvent extends DeploymentEvent {
  uid: string;
}

/** An EVENT item of a promotion or of a model; undefined for anything else. */
export function streamedPromotionEvent(record: DynamoDBRecord): PromotionEvent | undefined {
  const item = newEvent(record);
  return item && !isOfDeployment(item) ? fieldsOf<PromotionEvent>(item) : undefined;
}

/** Of a new EVENT item of a deployment, oldest first; none for anything else. The mapping's filter drops that already; ours must not depend on it. */
export function streamedEvents(record: DynamoDBRecord): StreamedEvent[] {
  const item = newEvent(record);
  if (!item || !isOfDeployment(item)) return [];
  return eventsIn(item).map((event) => ({ ...event, uid: item.uid as string }));
}

function newEvent({ eventName, dynamodb }: DynamoDBRecord): Item | undefined {
  if (eventName !== "INSERT" || !dynamodb?.NewImage) return undefined;
  const item: Item = fromValues(dynamodb.NewImage as AttributeValues);
  return item.item_type === "EVENT" ? item : undefined;
}

const isOfDeployment = ({ pk }: Item): boolean => String(pk).startsWith(deploymentPartition(""));
