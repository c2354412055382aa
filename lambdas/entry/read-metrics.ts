import { metricsRoutes } from "../../contract/metrics-routes.ts";
import { cloudwatchAccessFigures } from "../adapters/cloudwatch-access-figures.ts";
import { dynamoMetrics } from "../adapters/dynamodb-metrics.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { routesOf } from "../api/dispatch.ts";
import { metricsReader } from "../api/metrics.ts";
import { documentClient, logsClient } from "../runtime/clients.ts";
import { httpHandler } from "../runtime/http-handler.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("ReadMetrics");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock),
  store: dynamoMetrics({ client, name: settings.METRICS_TABLE_NAME }),
  access: cloudwatchAccessFigures(logsClient(), systemClock, {
    group: settings.ENDPOINTS_LOG_GROUP_NAME,
    kept_days: Number(settings.ENDPOINTS_LOG_RETENTION_DAYS),
  }),
  clock: systemClock,
};

export const handler = httpHandler(routesOf<"ReadMetrics">(metricsReader(ports), metricsRoutes, settings.GROUPS_CLAIM));
