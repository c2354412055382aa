import { isFree } from "../network/pod-network.ts";
import type { Container } from "../objects/workloads.ts";
import type { PodRun } from "./pod-run.ts";

/**
 * Each port that these containers declare gets a free one on the loopback address; one that somebody took meanwhile is
 * replaced. None of them may be running: its own port would seem taken.
 */
export async function choosePorts(run: PodRun, containers: Container[]): Promise<void> {
  const declared = containers.flatMap((container) => container.ports ?? []);
  for (const { containerPort } of declared) {
    const present = run.ports.get(containerPort);
    if (present !== undefined && (await isFree(present))) continue;
    const chosen = await run.node.network.freePort();
    run.ports.set(containerPort, chosen);
    run.node.network.bind(run.podIP as string, containerPort, chosen);
  }
}
