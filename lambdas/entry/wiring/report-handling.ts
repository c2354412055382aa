import { promotionStore } from "../../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../../adapters/dynamodb-record.ts";
import { triggerStore } from "../../adapters/dynamodb-triggers.ts";
import { stepFunctionsPromotions } from "../../adapters/step-functions-promotions.ts";
import { documentClient, stepFunctionsClient } from "../../runtime/clients.ts";
import { warnings } from "../../runtime/logger.ts";
import type { Settings } from "../../runtime/read-settings.ts";
import { newUlid, systemClock } from "../../runtime/surroundings.ts";
import { interpret } from "../../triggers/receive-event.ts";

/** For the functions that handle what was reported, whether it comes from the bus or is replayed. */
export function reportHandling(settings: Pick<Settings<"ReceiveEvent">, "TABLE_NAME" | "PROMOTION_STATE_MACHINE_ARN">) {
  const client = documentClient();
  const table = { client, name: settings.TABLE_NAME };
  return {
    record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
    promotions: promotionStore(table, systemClock),
    triggers: triggerStore(table),
    promotionWorkflow: stepFunctionsPromotions(stepFunctionsClient(), settings.PROMOTION_STATE_MACHINE_ARN),
    clock: systemClock,
    newId: newUlid,
    log: warnings,
    interpret,
  };
}
