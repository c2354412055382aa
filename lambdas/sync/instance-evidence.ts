import type { KeptEnd } from "../../domain/instance-failures.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { maskedWhole } from "../../domain/masking.ts";
import type { Instance } from "../../domain/observed.ts";
import type { Clusters } from "../ports/cluster.ts";
import type { EvidenceStore } from "../ports/evidence.ts";
import { type ContainerStatus, containersOf, logOf } from "../rollout/slot-evidence.ts";

/** In the event itself; the evidence bucket has more. */
const kept = { lines: 10, characters: 300 };

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

function lastEnded(containers: ContainerStatus[]): ContainerStatus | undefined {
  const endOf = ({ state, lastState }: ContainerStatus) => state?.terminated ?? lastState?.terminated;
  const ended = containers.filter((container) => (endOf(container)?.exitCode ?? 0) !== 0);
  return ended.sort((one, other) => Date.parse(endOf(other)?.finishedAt ?? "") - Date.parse(endOf(one)?.finishedAt ?? ""))[0];
}
