import type { Probe } from "kubernetes-types/core/v1.d.ts";
import { endContainer } from "./container-end.ts";
import { type ContainerRun, fieldPath } from "./container-state.ts";
import type { Launch } from "./environment.ts";
import type { PodRun } from "./pod-run.ts";
import { callProbe } from "./probe.ts";
import { noteReadiness } from "./readiness.ts";

type ProbeKind = "Startup" | "Liveness" | "Readiness";

/** Calls the probes of one run of a container: the startup probe first, then liveness and readiness side by side. */
export function startProbers(run: PodRun, container: ContainerRun, launch: Launch): { stop(): void } {
  const { startupProbe, livenessProbe, readinessProbe } = container.spec;
  const stopped = new AbortController();
  const loop = (kind: ProbeKind, probe: Probe | undefined) => {
    if (probe) new Prober(kind, probe, run, container, launch, stopped.signal, started).start();
  };
  const started = () => {
    loop("Liveness", livenessProbe);
    loop("Readiness", readinessProbe);
  };
  if (startupProbe) loop("Startup", startupProbe);
  else started();
  return { stop: () => stopped.abort() };
}

class Prober {
  readonly #kind: ProbeKind;
  readonly #probe: Probe;
  readonly #run: PodRun;
  readonly #container: ContainerRun;
  readonly #launch: Launch;
  readonly #stopped: AbortSignal;
  readonly #onStarted: () => void;
  #successes = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    kind: ProbeKind,
    probe: Probe,
    run: PodRun,
    container: ContainerRun,
    launch: Launch,
    stopped: AbortSignal,
    onStarted: () => void,
  ) {
    this.#kind = kind;
    this.#probe = probe;
    this.#run = run;
    this.#container = container;
    this.#launch = launch;
    this.#stopped = stopped;
    this.#onStarted = onStarted;
  }

  start(): void {
    // Counted from the start of the container; a probe begins later only when the startup probe held it back.
    const due = this.#container.began + (this.#probe.initialDelaySeconds ?? 0) * 1000;
    this.#stopped.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
    this.#after(Math.max(0, due - Date.now()));
  }

  #after(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#call(), milliseconds);
  }

  async #call(): Promise<void> {
    // Only readiness still matters once the pod is on its way out.
    if (this.#kind !== "Readiness" && this.#run.stopping.aborted) return;
    const failure = await callProbe(this.#probe, this.#run, this.#container, this.#launch.env);
    if (this.#stopped.aborted) return;
    const goesOn = failure === undefined ? this.#succeeded() : this.#failed(failure);
    if (goesOn) this.#after((this.#probe.periodSeconds ?? 10) * 1000);
  }

  #succeeded(): boolean {
    this.#failures = 0;
    this.#successes += 1;
    if (this.#successes < (this.#probe.successThreshold ?? 1)) return true;
    if (this.#kind === "Liveness") return true;
    this.#set(true);
    if (this.#kind === "Readiness") return true;
    this.#onStarted();
    return false;
  }

  #failed(failure: string): boolean {
    const { events } = this.#run.node;
    this.#successes = 0;
    this.#failures += 1;
    events.warning(this.#run.pod, "Unhealthy", `${this.#kind} probe failed: ${failure}`, fieldPath(this.#container));
    if (this.#failures < (this.#probe.failureThreshold ?? 3)) return true;
    if (this.#kind === "Readiness") {
      this.#set(false);
      return true;
    }
    this.#restart();
    return false;
  }

  #set(success: boolean): void {
    const results = this.#container.probeResults;
    const key = this.#kind === "Startup" ? "startup" : "readiness";
    if (results[key] === success) return;
    results[key] = success;
    noteReadiness(this.#container);
    this.#run.publish();
  }

  #restart(): void {
    const { name } = this.#container.spec;
    const grace = this.#probe.terminationGracePeriodSeconds ?? this.#run.pod.spec.terminationGracePeriodSeconds ?? 30;
    const deadline = Date.now() + grace * 1000;
    const message = `Container ${name} failed ${this.#kind.toLowerCase()} probe, will be restarted`;
    void endContainer(this.#run, this.#container, this.#launch, { message, deadline: () => Math.min(deadline, this.#run.stopBy) });
  }
}
