import { cloudwatchLogs } from "../adapters/cloudwatch-logs.ts";
import { dynamoLogSearches } from "../adapters/dynamodb-log-searches.ts";
import { stopSearches } from "../logs/stop-searches.ts";
import { documentClient, logsClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("StopSearches");
const ports = {
  searches: dynamoLogSearches({ client: documentClient(), name: settings.TABLE_NAME }),
  history: cloudwatchLogs(logsClient()),
  clock: systemClock,
  log: warnings,
};

export const handler = eventHandler(() => stopSearches(ports));
