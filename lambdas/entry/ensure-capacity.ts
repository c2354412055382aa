import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { ensureCapacity } from "../rollout/ensure-capacity.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("EnsureCapacity");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clusters: eksClusters(awsSurroundings("EKS")),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof ensureCapacity>[0]) => ensureCapacity(input, ports)));
