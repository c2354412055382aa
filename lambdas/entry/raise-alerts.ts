import { dynamoMetrics } from "../adapters/dynamodb-metrics.ts";
import { dynamoRecord } from "../adapters/dynamodb-record.ts";
import { raiseAlerts } from "../metrics/raise-alerts.ts";
import { configuredPlace } from "../operations/configured-place.ts";
import { documentClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("RaiseAlerts");
const client = documentClient();
const ports = {
  record: dynamoRecord(client, settings.TABLE_NAME, systemClock, { configured: (of) => configuredPlace(settings.ENVIRONMENTS, of) }),
  store: dynamoMetrics({ client, name: settings.METRICS_TABLE_NAME }),
  known: new Map(),
  clock: systemClock,
  log: warnings,
};
const clusterNames = [...new Set(Object.values(settings.ENVIRONMENTS).map(({ cluster }) => cluster))];

export const handler = eventHandler(() => raiseAlerts(clusterNames, ports));
