import { logRoutes } from "../../contract/log-routes.ts";
import { cloudwatchLogs } from "../adapters/cloudwatch-logs.ts";
import { dynamoLogSearches } from "../adapters/dynamodb-log-searches.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { lambdaMasking } from "../adapters/lambda-masking.ts";
import { lambdaStarts } from "../adapters/lambda-starts.ts";
import { s3LogExports } from "../adapters/s3-log-exports.ts";
import { routesOf } from "../api/dispatch.ts";
import { readLogs } from "../api/logs.ts";
import type { ExportStart } from "../ports/log-exports.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient, logsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { newUlid, systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("ReadLogs");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  clusters: eksClusters(awsSurroundings("EKS")),
  history: cloudwatchLogs(logsClient()),
  searches: dynamoLogSearches({ client, name: settings.TABLE_NAME }),
  exports: s3LogExports(awsSurroundings("S3"), settings.LOG_EXPORTS_BUCKET_NAME),
  startExport: lambdaStarts<ExportStart>(settings.WRITE_LOG_EXPORT_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  maskSecrets: lambdaMasking(settings.MASK_SECRETS_FUNCTION_NAME, awsSurroundings("LAMBDA")),
  clock: systemClock,
  newId: newUlid,
};

export const handler = httpHandler(routesOf<"ReadLogs">(readLogs(ports), logRoutes, settings.GROUPS_CLAIM));
