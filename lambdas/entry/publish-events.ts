import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { streamedEvents, streamedPromotionEvent } from "../adapters/dynamodb-stream.ts";
import { eventBridgeBus } from "../adapters/eventbridge-bus.ts";
import { publishEvents } from "../events/publish-events.ts";
import { eventBridgeClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const { EVENT_BUS_NAME } = readSettings("PublishEvents");
const bus = eventBridgeBus(eventBridgeClient(), EVENT_BUS_NAME, systemClock);

export const handler = eventHandler(async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const entries = Records.map((record) => ({
    sequence_number: record.dynamodb?.SequenceNumber ?? "",
    events: streamedEvents(record),
    promotion_event: streamedPromotionEvent(record),
  }));
  const failed = await publishEvents(bus, entries);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});
