import { promotionChangeRoutes } from "../../contract/promotion-change-routes.ts";
import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { stepFunctionsPromotions } from "../adapters/step-functions-promotions.ts";
import { changePromotions } from "../api/change-promotions.ts";
import { routesOf } from "../api/dispatch.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";
import { operationWorkflows } from "./wiring/operation-workflows.ts";

const settings = readSettings("ChangePromotions");
const [client, stepFunctions] = [documentClient(), stepFunctionsClient()];
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  promotionWorkflow: stepFunctionsPromotions(stepFunctions, settings.PROMOTION_STATE_MACHINE_ARN),
  workflows: operationWorkflows(stepFunctions, settings),
  clock: systemClock,
  newId: newUlid,
  log: warnings,
  // Aborting needs neither.
  environments: {},
  endpointBaseUrl: "",
};

export const handler = httpHandler(routesOf<"ChangePromotions">(changePromotions(ports), promotionChangeRoutes, settings.GROUPS_CLAIM));
