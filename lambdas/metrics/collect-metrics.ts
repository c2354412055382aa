import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { KeptReading } from "../../domain/metrics.ts";
import { labels, managedBy, routeName } from "../../domain/names.ts";
import type { GatewayMetricsPlace } from "../../domain/place.ts";
import type { SlotName } from "../../domain/words.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { MetricsStore } from "../ports/metrics-store.ts";
import type { GatewayFigures, RoutedService } from "../ports/slot-metrics.ts";
import { collectReported, type ReportedPorts } from "./collect-reported.ts";

export interface CollectPorts extends ReportedPorts {
  clusters: Clusters;
  figures: GatewayFigures;
  store: Pick<MetricsStore, "keep" | "keepReported">;
}

/** A cluster, and where its gateway tells what it has counted; null where it does not. */
export interface MeteredCluster {
  cluster: string;
  metrics: GatewayMetricsPlace | null;
}

/**
 * Keeps what each gateway has counted for every slot that is there, as it stands now, and what servers tell of themselves.
 * Where nothing runs, nothing is read and nothing kept. A cluster that cannot be read leaves a gap, which is told as one.
 */
export async function collectMetrics(metered: readonly MeteredCluster[], ports: CollectPorts): Promise<void> {
  await Promise.all(
    metered.map(async (each) => {
      await collectFrom(each, ports).catch(warning(ports, `what runs in cluster ${each.cluster} could not be listed now`));
    }),
  );
}

async function collectFrom({ cluster: name, metrics }: MeteredCluster, ports: CollectPorts): Promise<void> {
  const cluster = await ports.clusters(name);
  const ours = { namespace: null, labels: { [labels.managedBy]: managedBy } };
  const services = (await cluster.list("Service", ours)).items.filter(isOfSlot);
  const [counted, told] = [`what the gateway of cluster ${name} has counted`, `what servers in cluster ${name} tell`];
  // One after the other: nobody waits for it, and each connection more takes longer to make than its turn.
  if (metrics) await collectCounted(name, metrics, services, ports).catch(warning(ports, `${counted} could not be kept now`));
  await collectReported(name, cluster, services, ports).catch(warning(ports, `${told} could not be kept now`));
}

const warning =
  ({ log }: Pick<CollectPorts, "log">, message: string) =>
  (error: unknown) =>
    log.warn(message, error as Error);

async function collectCounted(
  cluster: string,
  metrics: GatewayMetricsPlace,
  services: KubernetesObject[],
  { figures, store, clock }: CollectPorts,
): Promise<void> {
  const slots = entriesOf(services);
  if (slots.length === 0) return;
  const at = clock.now();
  const readings = await figures.read(cluster, metrics, slots);
  const kept = slots.flatMap((slot, index) => {
    const counters = readings[index];
    return counters ? [{ uid: slot.uid, reading: { ...slot.reading, at, counters } }] : [];
  });
  await store.keep(kept);
}

interface MeteredSlot extends RoutedService {
  uid: string;
  reading: Omit<KeptReading, "at" | "counters">;
}

/** The Service of each slot that the gateway sends to: the transformer's, where there is one. */
function entriesOf(services: KubernetesObject[]): MeteredSlot[] {
  const bySlot = Object.groupBy(services, ({ metadata }) =>
    [labels.uid, labels.epoch, labels.slot].map((label) => metadata.labels?.[label]).join(" "),
  );
  return Object.values(bySlot).map((all = []) => {
    const entry = all.find(({ metadata }) => metadata.labels?.[labels.component] === "transformer") ?? all[0];
    return slotOf(entry as KubernetesObject);
  });
}

const isOfSlot = ({ metadata }: KubernetesObject): boolean =>
  [labels.uid, labels.deployment, labels.slot, labels.revision, labels.epoch].every((label) => metadata.labels?.[label]);

function slotOf({ metadata }: KubernetesObject): MeteredSlot {
  const { name = "", namespace = "", labels: own = {}, creationTimestamp = "" } = metadata;
  const uid = own[labels.uid] ?? "";
  return {
    ...{ uid, namespace, service: name, route: routeName({ id: own[labels.deployment] ?? "", uid }) },
    reading: {
      slot: own[labels.slot] as SlotName,
      revision: Number(own[labels.revision]),
      epoch: Number(own[labels.epoch]),
      made_at: Date.parse(creationTimestamp),
    },
  };
}
