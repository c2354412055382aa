import { triggerRoutes } from "../../contract/promotion-routes.ts";
import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { triggerStore } from "../adapters/dynamodb-triggers.ts";
import { stepFunctionsPromotions } from "../adapters/step-functions-promotions.ts";
import { routesOf } from "../api/dispatch.ts";
import { replayTriggers } from "../api/triggers.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { logger } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";
import { interpret } from "../triggers/receive-event.ts";

const settings = readSettings("ReceiveReport");
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

export const handler = httpHandler(routesOf<"ReceiveReport">(replayTriggers(ports), triggerRoutes, settings.GROUPS_CLAIM));
