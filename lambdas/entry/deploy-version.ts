import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { configuredPlace } from "../operations/configured-place.ts";
import { deployVersion } from "../promotion/deploy-version.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { warnings } from "../runtime/logger.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";
import { operationWorkflows } from "./wiring/operation-workflows.ts";

const settings = readSettings("DeployVersion");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock, {
    secretsTableName: settings.SECRETS_TABLE_NAME,
    configured: (of) => configuredPlace(settings.ENVIRONMENTS, of),
  }),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  workflows: operationWorkflows(stepFunctionsClient(), settings),
  newId: newUlid,
  log: warnings,
  environments: settings.ENVIRONMENTS,
  endpointBaseUrl: settings.ENDPOINT_BASE_URL,
  clock: systemClock,
};

export const handler = promotionHandler(withTaskErrors((input: Parameters<typeof deployVersion>[0]) => deployVersion(input, ports)));
