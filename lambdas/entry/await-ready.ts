import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { maskedClusters } from "../adapters/masked-clusters.ts";
import { s3Evidence } from "../adapters/s3-evidence.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { awaitReady } from "../rollout/await-ready.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import type { Invocation } from "../runtime/invocation.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("AwaitReady");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clusters: maskedClusters(
    eksClusters(awsSurroundings("EKS")),
    lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  ),
  evidence: s3Evidence(awsSurroundings("S3"), settings.EVIDENCE_BUCKET_NAME),
  clock: systemClock,
};

export const handler = stepHandler(
  withTaskErrors((input: WorkflowInput, invocation: Invocation) => awaitReady(input, ports, invocation.remainingMilliseconds)),
);
