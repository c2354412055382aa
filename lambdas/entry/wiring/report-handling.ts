import { promotionStore } from "../../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../../adapters/dynamodb-record.ts";
import { triggerStore } from "../../adapters/dynamodb-triggers.ts";
import { mlflowTracking } from "../../adapters/mlflow-tracking.ts";
import { sageMakerLookups } from "../../adapters/sagemaker-lookups.ts";
import { stepFunctionsPromotions } from "../../adapters/step-functions-promotions.ts";
import { documentClient, sageMakerClient, secretsManagerClient, stepFunctionsClient } from "../../runtime/clients.ts";
import { warnings } from "../../runtime/logger.ts";
import type { Settings } from "../../runtime/read-settings.ts";
import { newUlid, systemClock } from "../../runtime/surroundings.ts";
import { interpreter } from "../../triggers/interpret.ts";

/** For the functions that handle what was reported, whether it comes from the bus, by a webhook, or is replayed. */
export function reportHandling(settings: Settings<"ReceiveEvent">) {
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
    interpret: interpreter(settings.REPORTS, {
      tracking: mlflowTracking(secretsManagerClient()),
      sageMaker: sageMakerLookups(sageMakerClient()),
    }),
  };
}
