import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { triggerStore } from "../adapters/dynamodb-triggers.ts";
import { stepFunctionsPromotions } from "../adapters/step-functions-promotions.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { logger } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";
import { interpret, receiveEvent } from "../triggers/receive-event.ts";

const settings = readSettings("ReceiveEvent");
const client = documentClient();
const table = { client, name: settings.TABLE_NAME };
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  promotions: promotionStore(table, systemClock),
  triggers: triggerStore(table),
  promotionWorkflow: stepFunctionsPromotions(stepFunctionsClient(), settings.PROMOTION_STATE_MACHINE_ARN),
  clock: systemClock,
  newId: newUlid,
  log: { warn: (message: string, error?: Error) => (error ? logger.warn(message, error) : logger.warn(message)) },
  interpret,
};

export const handler = eventHandler((event: unknown) => receiveEvent(event, ports));
