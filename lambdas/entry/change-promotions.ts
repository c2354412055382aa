import { promotionRoutes } from "../../contract/promotion-routes.ts";
import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { stepFunctionsPromotions } from "../adapters/step-functions-promotions.ts";
import { stepFunctionsWorkflows } from "../adapters/step-functions-workflows.ts";
import { routesOf } from "../api/dispatch.ts";
import { changePromotions } from "../api/promotions.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { logger } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("ChangePromotions");
const [client, stepFunctions] = [documentClient(), stepFunctionsClient()];
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  promotionWorkflow: stepFunctionsPromotions(stepFunctions, settings.PROMOTION_STATE_MACHINE_ARN),
  workflows: stepFunctionsWorkflows(stepFunctions, {
    rollout: settings.ROLLOUT_STATE_MACHINE_ARN,
    rollback: settings.ROLLBACK_STATE_MACHINE_ARN,
    shutdown: settings.SHUTDOWN_STATE_MACHINE_ARN,
    verification: settings.VERIFICATION_STATE_MACHINE_ARN,
  }),
  clock: systemClock,
  newId: newUlid,
  log: { warn: (message: string, error?: Error) => (error ? logger.warn(message, error) : logger.warn(message)) },
  // Aborting needs neither.
  environments: {},
  endpointBaseUrl: "",
};

export const handler = httpHandler(routesOf<"ChangePromotions">(changePromotions(ports), promotionRoutes, settings.GROUPS_CLAIM));
