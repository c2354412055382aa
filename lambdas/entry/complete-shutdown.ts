import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { dynamoSecrets } from "../adapters/dynamodb-secrets.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { completeShutdown } from "../shutdown/complete-shutdown.ts";

const settings = readSettings("CompleteShutdown");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  secrets: dynamoSecrets(client, settings.SECRETS_TABLE_NAME),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof completeShutdown>[0]) => completeShutdown(input, ports)));
