import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy, metricsAnnotation } from "../../domain/names.ts";
import type { ReportedPlace, ReportedReading } from "../../domain/reported-values.ts";
import type { Component, SlotName } from "../../domain/words.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { MetricsStore, OfDeployment } from "../ports/metrics-store.ts";
import type { ReportedValues, ToldNow } from "../ports/reported-values.ts";
import type { Clock, Log } from "../ports/surroundings.ts";

export interface ReportedPorts {
  values: ReportedValues;
  store: Pick<MetricsStore, "keepReported">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** Of one component in one slot. */
const mostInstances = 10;
const atOnce = 25;
/** What has not begun by then waits for the next minute. */
const longestMilliseconds = 30_000;

/** Keeps what servers tell of themselves, where their Services say that they do. Where none does, nothing is asked. */
export async function collectReported(
  clusterName: string,
  cluster: Cluster,
  services: readonly KubernetesObject[],
  ports: ReportedPorts,
): Promise<void> {
  const told = services.flatMap((service) => placeOf(service) ?? []);
  if (told.length === 0) return;
  const began = ports.clock.now();
  const { items } = await cluster.list<Pod>("Pod", { namespace: null, labels: { [labels.managedBy]: managedBy } }, small);
  const pods = Map.groupBy(items.filter(isReady), (pod) => attemptOf(pod));
  for (let start = 0; start < told.length; start += atOnce) {
    if (ports.clock.now() - began > longestMilliseconds) {
      ports.log.warn(`values of ${told.length - start} of ${told.length} components in cluster ${clusterName} were not read in time`);
      return;
    }
    const asked = told.slice(start, start + atOnce);
    const readings = await Promise.all(asked.map((component) => read(clusterName, component, pods.get(component.attempt) ?? [], ports)));
    await ports.store.keepReported(readings.flat()).catch((error: unknown) => {
      ports.log.warn(`what ${asked.length} components in cluster ${clusterName} tell of themselves could not be kept now`, error as Error);
    });
  }
}

interface Pod extends KubernetesObject {
  status?: { conditions?: { type: string; status: string }[] };
}
interface Reporting {
  uid: string;
  namespace: string;
  attempt: string;
  place: ReportedPlace;
  reading: Pick<ReportedReading, "slot" | "revision" | "epoch" | "component">;
}

/** Of a whole pod nothing else is needed. */
const small = ({ metadata: { name, namespace, labels: own, creationTimestamp }, status }: Pod): Pod =>
  ({ metadata: { name, namespace, labels: own, creationTimestamp }, status: { conditions: status?.conditions } }) as Pod;
const isReady = ({ status }: Pod): boolean => (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");
const attemptOf = ({ metadata }: KubernetesObject): string =>
  [labels.uid, labels.epoch, labels.slot, labels.component].map((label) => metadata.labels?.[label]).join(" ");

function placeOf(service: KubernetesObject): Reporting | undefined {
  const { namespace = "", labels: own = {}, annotations } = service.metadata;
  const place = placeIn(annotations?.[metricsAnnotation] ?? "null");
  if (place === undefined) return undefined;
  const slot = own[labels.slot] as SlotName;
  const component = own[labels.component] as Component;
  const reading = { slot, component, revision: Number(own[labels.revision]), epoch: Number(own[labels.epoch]) };
  return { uid: own[labels.uid] ?? "", namespace, attempt: attemptOf(service), place, reading };
}

/** undefined for what is not as we write it: whoever may change a Service may have written anything. */
function placeIn(text: string): ReportedPlace | undefined {
  try {
    const { port, path, names } = JSON.parse(text) as ReportedPlace;
    const isOurs = Number.isInteger(port) && /^\/[!-~]*$/.test(path) && names.every((name) => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name));
    return isOurs ? { port, path, names } : undefined;
  } catch {
    return undefined;
  }
}

/** None of a component that has no instance. */
async function read(
  cluster: string,
  { uid, namespace, place, reading }: Reporting,
  pods: Pod[],
  { values, clock }: ReportedPorts,
): Promise<OfDeployment<ReportedReading>[]> {
  if (pods.length === 0) return [];
  // The same ones each minute, while they are there.
  const chosen = pods.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other))).slice(0, mostInstances);
  const answers = await Promise.all(
    chosen.map(async (pod) => ({ pod, told: await values.read(cluster, { namespace, pod: nameOf(pod) }, place) })),
  );
  const instances = answers
    .filter(({ told }) => told.samples.length > 0)
    .map(({ pod, told }) => [nameOf(pod), { made_at: Date.parse(String(pod.metadata.creationTimestamp)), samples: told.samples }]);
  const problem = problemOf(answers, pods.length);
  return [{ uid, reading: { ...reading, at: clock.now(), instances: Object.fromEntries(instances), problem } }];
}

function problemOf(answers: { pod: Pod; told: ToldNow }[], all: number): string | null {
  const failed = answers.find(({ told }) => told.problem !== null);
  if (failed) return `instance ${nameOf(failed.pod)} ${failed.told.problem}`.slice(0, 300);
  return all > mostInstances ? `${mostInstances} of ${all} instances are read: the others' values are missing` : null;
}

const nameOf = ({ metadata }: KubernetesObject): string => metadata.name ?? "";
