import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { recordFailure } from "../rollout/record-failure.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("RecordFailure");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof recordFailure>[0]) => recordFailure(input, ports)));
