import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { resolveVersion } from "../promotion/resolve-version.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient } from "../runtime/clients.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const { TABLE_NAME } = readSettings("ResolveVersion");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, TABLE_NAME, systemClock),
  promotions: promotionStore({ client, name: TABLE_NAME }, systemClock),
  clock: systemClock,
};

export const handler = promotionHandler(withTaskErrors((input: Parameters<typeof resolveVersion>[0]) => resolveVersion(input, ports)));
