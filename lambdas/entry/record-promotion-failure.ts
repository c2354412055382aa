import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { stepFunctionsWorkflows } from "../adapters/step-functions-workflows.ts";
import { recordPromotionFailure } from "../promotion/record-promotion-failure.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { logger } from "../runtime/logger.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("RecordPromotionFailure");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  promotions: promotionStore({ client, name: settings.TABLE_NAME }, systemClock),
  workflows: stepFunctionsWorkflows(stepFunctionsClient(), {
    rollout: settings.ROLLOUT_STATE_MACHINE_ARN,
    rollback: settings.ROLLBACK_STATE_MACHINE_ARN,
    shutdown: settings.SHUTDOWN_STATE_MACHINE_ARN,
    verification: settings.VERIFICATION_STATE_MACHINE_ARN,
  }),
  newId: newUlid,
  log: { warn: (message: string, error?: Error) => (error ? logger.warn(message, error) : logger.warn(message)) },
  // Stopping needs neither.
  environments: {},
  endpointBaseUrl: "",
  clock: systemClock,
};

export const handler = promotionHandler(
  withTaskErrors((input: Parameters<typeof recordPromotionFailure>[0]) => recordPromotionFailure(input, ports)),
);
