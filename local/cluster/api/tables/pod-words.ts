import { type ContainerStatus, isReady, isTerminal, type Pod } from "../../objects/workloads.ts";
import { age } from "./age.ts";

/** The word that `kubectl get pods` has for a pod: its phase, or what its containers say that is nearer to the cause. */
export function podStatus(pod: Pod): string {
  const { phase = "Unknown", reason } = pod.status;
  if (pod.metadata.deletionTimestamp && !isTerminal(pod)) return reason === "NodeLost" ? "Unknown" : "Terminating";
  return initializing(pod) ?? ofContainers(pod, reason || phase);
}

/** undefined when all init containers have done their work. */
function initializing({ spec, status }: Pod): string | undefined {
  const statuses = status.initContainerStatuses ?? [];
  const index = statuses.findIndex(({ state }) => state?.terminated?.exitCode !== 0);
  const { waiting, terminated } = statuses[index]?.state ?? {};
  if (index < 0) return undefined;
  if (terminated) return `Init:${endOf(terminated)}`;
  if (waiting?.reason && waiting.reason !== "PodInitializing") return `Init:${waiting.reason}`;
  return `Init:${index}/${spec.initContainers?.length ?? statuses.length}`;
}

/** The first container that has something to say speaks. */
function ofContainers(pod: Pod, otherwise: string): string {
  const statuses = pod.status.containerStatuses ?? [];
  const said = statuses.map(({ state }) => state?.waiting?.reason || (state?.terminated && endOf(state.terminated))).find(Boolean);
  const word = said || otherwise;
  const isPartlyDone = word === "Completed" && statuses.some(({ ready, state }) => ready && state?.running);
  if (!isPartlyDone) return word;
  return isReady(pod) ? "Running" : "NotReady";
}

type Terminated = NonNullable<NonNullable<ContainerStatus["state"]>["terminated"]>;
const endOf = ({ reason, signal, exitCode }: Terminated): string => reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

/** How often, and how long ago the last time. */
export function restarts({ status }: Pod, now: number): string {
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const count = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const last = statuses
    .flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? [])
    .sort()
    .at(-1);
  return count > 0 && last !== undefined ? `${count} (${age(last, now)} ago)` : String(count);
}
