import { isFree } from "../network/pod-network.ts";
import type { PodRun } from "./pod-run.ts";

/** Each declared port gets a free one on the loopback address; one that somebody took meanwhile is replaced. */
export async function choosePorts(run: PodRun): Promise<void> {
  const declared = [...run.pod.spec.containers, ...(run.pod.spec.initContainers ?? [])].flatMap((container) => container.ports ?? []);
  for (const { containerPort } of declared) {
    const present = run.ports.get(containerPort);
    if (present !== undefined && (await isFree(present))) continue;
    const chosen = await run.node.network.freePort();
    run.ports.set(containerPort, chosen);
    run.node.network.bind(run.podIP as string, containerPort, chosen);
  }
}
