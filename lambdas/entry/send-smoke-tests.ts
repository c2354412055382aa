import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { s3Evidence } from "../adapters/s3-evidence.ts";
import type { WorkflowInput } from "../ports/workflows.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import type { Invocation } from "../runtime/invocation.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { sendSmokeTests } from "../smoke-test/send-smoke-tests.ts";

const settings = readSettings("SendSmokeTests");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  evidence: s3Evidence(awsSurroundings("S3"), settings.EVIDENCE_BUCKET_NAME),
  clusters: eksClusters(awsSurroundings("EKS")),
  maskSecrets: lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  clock: systemClock,
};

export const handler = stepHandler(
  withTaskErrors((input: WorkflowInput, invocation: Invocation) => sendSmokeTests(input, ports, invocation.remainingMilliseconds)),
);
