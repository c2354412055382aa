import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { completeShutdown } from "../shutdown/complete-shutdown.ts";

const settings = readSettings("CompleteShutdown");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof completeShutdown>[0]) => completeShutdown(input, ports)));
