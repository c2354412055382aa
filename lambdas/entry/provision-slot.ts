import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { dynamoSecrets } from "../adapters/dynamodb-secrets.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { provisionSlot } from "../rollout/provision-slot.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("ProvisionSlot");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  clusters: eksClusters(awsSurroundings("EKS")),
  secrets: dynamoSecrets(client, settings.SECRETS_TABLE_NAME),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof provisionSlot>[0]) => provisionSlot(input, ports)));
