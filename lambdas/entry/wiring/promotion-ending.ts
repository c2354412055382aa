import { promotionStore } from "../../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../../adapters/dynamodb-record.ts";
import { documentClient, stepFunctionsClient } from "../../runtime/clients.ts";
import { warnings } from "../../runtime/logger.ts";
import type { Settings } from "../../runtime/read-settings.ts";
import { newUlid, systemClock } from "../../runtime/surroundings.ts";
import { operationWorkflows } from "./operation-workflows.ts";

/** For the functions that end a promotion, well or not: what it has under way is stopped. */
export function promotionEnding(settings: Settings<"CompletePromotion" | "RecordPromotionFailure">) {
  const client = documentClient();
  return {
    record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
    promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
    workflows: operationWorkflows(stepFunctionsClient(), settings),
    newId: newUlid,
    log: warnings,
    // Stopping needs neither.
    environments: {},
    endpointBaseUrl: "",
    clock: systemClock,
  };
}
