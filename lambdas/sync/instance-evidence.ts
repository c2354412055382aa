import type { KeptLines } from "../../domain/instance-endings.ts";
import type { KeptEnd } from "../../domain/instance-failures.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { maskedWhole } from "../../domain/masking.ts";
import type { Instance } from "../../domain/observed.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { Clock } from "../ports/surroundings.ts";
import { type ContainerStatus, containersOf, logOf } from "../rollout/slot-evidence.ts";

/** In the event itself; the evidence bucket has more. */
const kept = { lines: 10, characters: 300 };
/** Of instances that are taken away, of which a deployment with an autoscaler has many. */
const keptOfLeaving = { instances: 3, lines: 5, characters: 200 };
/** Others wait for what is told of this deployment; a node that is lost does not answer. */
const longestReadMilliseconds = 1_000;

/**
 * The last lines of the container of an instance that ended last, read while there is still somebody to ask: the run
 * before, where it runs again. undefined when none has ended, and when the pod is gone already.
 */
export async function evidenceOfInstance(
  { clusters, evidence }: { clusters: Clusters; evidence: EvidenceStore },
  { uid, place }: { uid: string; place: { cluster: string; namespace: string } },
  pods: KubernetesObject[],
  { name, component, restarts }: Instance,
): Promise<KeptEnd | undefined> {
  const pod = pods.find(({ metadata }) => metadata.name === name);
  const ended = pod && lastEnded(containersOf(pod));
  if (!ended) return undefined;
  const previous = ended.state?.terminated === undefined;
  const log = await logOf(await clusters(place.cluster), place.namespace, pod, component, ended.name, previous);
  const lines = log?.lines ?? [];
  const key = await evidence
    .put(uid, "instances", `${name}-${ended.name}-${restarts}`, maskedWhole({ log, status: pod.status }))
    .catch(() => null);
  return {
    container_name: ended.name,
    log: lines.slice(-kept.lines).map((line) => line.slice(0, kept.characters)),
    evidence_key: key,
  };
}

/**
 * What the containers of instances have written until they are taken away, also those that have ended well: read while there is
 * still somebody to ask.
 */
export async function linesOfLeaving(
  { clusters, evidence, clock }: { clusters: Clusters; evidence: EvidenceStore; clock: Clock },
  { uid, place }: { uid: string; place: { cluster: string; namespace: string } },
  pods: KubernetesObject[],
  leaving: Instance[],
): Promise<KeptLines> {
  const cluster = await clusters(place.cluster);
  const asked = leaving.slice(0, keptOfLeaving.instances).flatMap(({ name, component }) => {
    const pod = pods.find(({ metadata }) => metadata.name === name);
    const hasRun = ({ state }: ContainerStatus) => state?.running !== undefined || state?.terminated !== undefined;
    const ran = pod ? containersOf(pod).filter(hasRun) : [];
    return ran.map((container) => logOf(cluster, place.namespace, pod as KubernetesObject, component, container.name, false));
  });
  const over = new AbortController();
  const tooLate = clock.sleep(longestReadMilliseconds, over.signal).then(
    () => undefined,
    () => undefined,
  );
  const logs = (await Promise.all(asked.map((log) => Promise.race([log, tooLate])))).filter((log) => log !== undefined);
  over.abort();
  if (logs.length === 0) return { logs: [], evidence_key: null };
  const key = await evidence.put(uid, "instances", `${logs[0]?.instance}-taken-away`, maskedWhole({ logs })).catch(() => null);
  const shortened = logs.map(({ instance, container_name, lines }) => ({
    instance,
    container_name,
    lines: lines.slice(-keptOfLeaving.lines).map((line) => line.slice(0, keptOfLeaving.characters)),
  }));
  return { logs: shortened, evidence_key: key };
}

/** One that failed before one that has ended well, and is started again. */
function lastEnded(containers: ContainerStatus[]): ContainerStatus | undefined {
  const endOf = ({ state, lastState }: ContainerStatus) => state?.terminated ?? lastState?.terminated;
  const failed = containers.filter((container) => (endOf(container)?.exitCode ?? 0) !== 0);
  const ended = failed.length > 0 ? failed : containers.filter(({ lastState }) => lastState?.terminated !== undefined);
  return ended.sort((one, other) => Date.parse(endOf(other)?.finishedAt ?? "") - Date.parse(endOf(one)?.finishedAt ?? ""))[0];
}
