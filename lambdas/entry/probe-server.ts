import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { s3Evidence } from "../adapters/s3-evidence.ts";
import { withTaskErrors } from "../rollout/task-errors.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { stepHandler } from "../runtime/step-handler.ts";
import { systemClock } from "../runtime/surroundings.ts";
import { probeServer } from "../smoke-test/probe-server.ts";

const settings = readSettings("ProbeServer");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  evidence: s3Evidence(awsSurroundings("S3"), settings.EVIDENCE_BUCKET_NAME),
  clusters: eksClusters(awsSurroundings("EKS")),
  maskSecrets: lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  clock: systemClock,
};

export const handler = stepHandler(withTaskErrors((input: Parameters<typeof probeServer>[0]) => probeServer(input, ports)));
