import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { complete } from "../rollout/complete.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("Complete");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof complete>[0]) => complete(input, ports)));
