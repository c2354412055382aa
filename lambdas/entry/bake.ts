import { cloudWatchAlarms } from "../adapters/cloudwatch-alarms.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { gatewayMetrics } from "../adapters/gateway-metrics.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { maskedClusters } from "../adapters/masked-clusters.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { bake } from "../rollout/bake.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { cloudWatchClient, documentClient } from "../runtime/clients.ts";
import type { Invocation } from "../runtime/invocation.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("Bake");
const maskSecrets = lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA"));
const clusters = maskedClusters(eksClusters(awsSurroundings("EKS")), maskSecrets);
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clusters,
  maskSecrets,
  metrics: gatewayMetrics(clusters),
  alarms: cloudWatchAlarms(cloudWatchClient()),
  clock: systemClock,
};

export const handler = stepHandler(
  withTaskErrors((input: WorkflowInput, invocation: Invocation) => bake(input, ports, invocation.remainingMilliseconds)),
);
