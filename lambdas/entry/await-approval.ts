import { promotionStore } from "../adapters/dynamodb-promotions.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { wakeTask } from "../adapters/step-functions-promotions.ts";
import { awaitApproval } from "../promotion/await-approval.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { documentClient, stepFunctionsClient } from "../runtime/clients.ts";
import { promotionHandler } from "../runtime/promotion-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const { TABLE_NAME } = readSettings("AwaitApproval");
const client = documentClient();
const workflows = stepFunctionsClient();
const ports = {
  record: dynamoRecord(client, TABLE_NAME, systemClock),
  promotions: promotionStore({ client, name: TABLE_NAME }, systemClock),
  promotionWorkflow: { wake: (token: string) => wakeTask(workflows, token) },
  clock: systemClock,
};

export const handler = promotionHandler(withTaskErrors((input: Parameters<typeof awaitApproval>[0]) => awaitApproval(input, ports)));
