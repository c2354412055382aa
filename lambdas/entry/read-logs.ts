import { logRoutes } from "../../contract/log-routes.ts";
import { cloudwatchLogs } from "../adapters/cloudwatch-logs.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { routesOf } from "../api/dispatch.ts";
import { readLogs } from "../api/logs.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient, logsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("ReadLogs");
const ports = {
  record: dynamoRecord(documentClient(), settings.TABLE_NAME, systemClock),
  clusters: eksClusters(awsSurroundings("EKS")),
  history: cloudwatchLogs(logsClient()),
  clock: systemClock,
};

export const handler = httpHandler(routesOf<"ReadLogs">(readLogs(ports), logRoutes, settings.GROUPS_CLAIM));
