import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { stepFunctionsWorkflows } from "../adapters/step-functions-workflows.ts";
import { deployVersion } from "../promotion/deploy-version.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { logger } from "../runtime/logger.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("DeployVersion");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock, settings.SECRETS_TABLE_NAME),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  workflows: stepFunctionsWorkflows(stepFunctionsClient(), {
    rollout: settings.ROLLOUT_STATE_MACHINE_ARN,
    rollback: settings.ROLLBACK_STATE_MACHINE_ARN,
    shutdown: settings.SHUTDOWN_STATE_MACHINE_ARN,
    verification: settings.VERIFICATION_STATE_MACHINE_ARN,
  }),
  newId: newUlid,
  log: { warn: (message: string, error?: Error) => (error ? logger.warn(message, error) : logger.warn(message)) },
  environments: settings.ENVIRONMENTS,
  endpointBaseUrl: settings.ENDPOINT_BASE_URL,
  clock: systemClock,
};

export const handler = promotionHandler(withTaskErrors((input: Parameters<typeof deployVersion>[0]) => deployVersion(input, ports)));
