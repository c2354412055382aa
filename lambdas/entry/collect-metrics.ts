import { dynamoMetrics } from "../adapters/dynamodb-metrics.ts";
import { eksClusters } from "../adapters/eks-clusters.ts";
import { gatewayFigures } from "../adapters/gateway-metrics.ts";
import { prometheusValues } from "../adapters/prometheus-values.ts";
import { collectMetrics, type MeteredCluster } from "../metrics/collect-metrics.ts";
import { awsSurroundings } from "../runtime/aws-surroundings.ts";
import { documentClient } from "../runtime/clients.ts";
import { eventHandler } from "../runtime/event-handler.ts";
import { warnings } from "../runtime/logger.ts";
import { readSettings } from "../runtime/read-settings.ts";
import { systemClock } from "../runtime/surroundings.ts";

const settings = readSettings("CollectMetrics");
const clusters = eksClusters(awsSurroundings("EKS"));
const ports = {
  clusters,
  figures: gatewayFigures(clusters),
  values: prometheusValues(clusters),
  store: dynamoMetrics({ client: documentClient(), name: settings.METRICS_TABLE_NAME }),
  clock: systemClock,
  log: warnings,
};
/** A cluster has one gateway, whatever the number of environments in it. */
const metered = new Map(
  Object.values(settings.ENVIRONMENTS).map(({ cluster, gateway: { metrics } }): [string, MeteredCluster] => [
    cluster,
    { cluster, metrics: metrics ?? null },
  ]),
);

export const handler = eventHandler(() => collectMetrics([...metered.values()], ports));
