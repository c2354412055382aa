import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { dynamoWatches } from "../adapters/dynamodb-watches.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { gatewayFigures } from "../adapters/gateway-metrics.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { lambdaStarts } from "../adapters/lambda-starts.ts";
import { maskedClusters } from "../adapters/masked-clusters.ts";
import { s3Evidence } from "../adapters/s3-evidence.ts";
import type { WatchStart } from "../ports/watches.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";
import { watch } from "../sync/watch.ts";

const settings = readSettings("Watch");
const clusters = maskedClusters(
  eksClusters(awsSurroundings("EKS")),
  lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
);
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  watches: dynamoWatches(documentClient(), settings.TABLE_NAME),
  // Its own name Lambda tells it: a template could not name a function in its own environment.
  startWatch: lambdaStarts(process.env.AWS_LAMBDA_FUNCTION_NAME ?? "", awsSurroundings("LAMBDA")),
  freshness: settings.FRESHNESS,
  clusters,
  figures: gatewayFigures(clusters),
  evidence: s3Evidence(awsSurroundings("S3"), settings.EVIDENCE_BUCKET_NAME),
  clock: systemClock,
  newId: newUlid,
  log: warnings,
};

export const handler = eventHandler((start: WatchStart, { remainingMilliseconds }) => watch(start, ports, remainingMilliseconds));
