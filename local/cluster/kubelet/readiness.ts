import type { ContainerRun } from "./container-state.ts";

/** `started` after the startup probe, `ready` after the readiness probe as well. */
export function noteReadiness(container: ContainerRun): void {
  const { startup, readiness } = container.probeResults;
  const running = container.status.state?.running !== undefined;
  container.status.started = running && startup && !container.isInit;
  container.status.ready = running && startup && readiness && !container.isInit;
}
