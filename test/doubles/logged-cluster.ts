import { labels } from "../../domain/names.ts";
import { type Cluster, KubernetesError } from "../../lambdas/ports/cluster.ts";
import { MemoryCluster } from "./memory-cluster.ts";

type Run = { time: string; message: string }[];

/** A cluster whose pods write what a test says, kept as a kubelet keeps it: the run that is, and the one before. */
export class LoggedCluster extends MemoryCluster {
  /** Logs come in pieces of this many characters. */
  pieceLength = 7;
  reads = 0;
  private readonly runs = new Map<string, Run[]>();
  private readonly held = new Set<string>();

  /** `secret`: the name of the Secret that its variables come from. */
  addPod(
    namespace: string,
    name: string,
    uid: string,
    {
      component = "predictor",
      revision = 1,
      containers = ["predictor"],
      secret = undefined,
    }: { component?: string; revision?: number; containers?: string[]; secret?: string | undefined } = {},
  ): void {
    const env = secret === undefined ? [] : [{ name: "API_KEY", valueFrom: { secretKeyRef: { name: secret, key: "API_KEY" } } }];
    const own = { [labels.uid]: uid, [labels.component]: component, [labels.revision]: String(revision), [labels.managedBy]: "slipway" };
    for (const container of containers) this.runs.set(`${name}/${container}`, [[]]);
    this.put({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels: own } },
      ...{ spec: { nodeName: "node-1", containers: containers.map((container) => ({ name: container, env })) } },
    });
    this.tell(namespace, name, containers);
  }

  write(pod: string, container: string, ...lines: [time: string, message: string][]): void {
    this.runs
      .get(`${pod}/${container}`)
      ?.at(-1)
      ?.push(...lines.map(([time, message]) => ({ time, message })));
  }

  /** It crashes and is started anew. */
  restart(namespace: string, pod: string, container: string): void {
    this.runs.get(`${pod}/${container}`)?.push([]);
    this.tell(namespace, pod, [container]);
  }

  /** It has never run. */
  hold(namespace: string, pod: string, container: string): void {
    this.held.add(`${pod}/${container}`);
    this.tell(namespace, pod, [container]);
  }

  override async *streamLog(...[_namespace, pod, options]: Parameters<Cluster["streamLog"]>): AsyncGenerator<string> {
    this.reads += 1;
    const all = this.runs.get(`${pod}/${options.container}`);
    const run = options.previous ? all?.at(-2) : all?.at(-1);
    if (!run) throw new KubernetesError(404, "NotFound", `pods "${pod}" not found`);
    // As a kubelet: whole seconds, and the tail is taken first.
    const since = options.since_time === undefined ? "" : options.since_time.slice(0, 19);
    const tail = options.tail_lines === undefined ? run : run.slice(Math.max(0, run.length - options.tail_lines));
    const text = tail
      .filter(({ time }) => time.slice(0, 19) >= since)
      .map(({ time, message }) => `${time} ${message}\n`)
      .join("");
    for (let start = 0; start < text.length; start += this.pieceLength) yield text.slice(start, start + this.pieceLength);
  }

  private tell(namespace: string, name: string, containers: string[]): void {
    const pod =
      this.objects.get(`Pod ${namespace}/${name}`) ??
      [...this.objects.values()].find((each) => each.kind === "Pod" && each.metadata.name === name);
    if (!pod) throw new Error(`there is no pod ${namespace}/${name}`);
    const names = [
      ...new Set([...((pod.spec as { containers: { name: string }[] }).containers ?? []).map((each) => each.name), ...containers]),
    ];
    const containerStatuses = names.map((container) => {
      const restartCount = (this.runs.get(`${name}/${container}`)?.length ?? 1) - 1;
      const isWaiting = this.held.has(`${name}/${container}`);
      return {
        name: container,
        restartCount,
        state: isWaiting ? { waiting: { reason: "ImagePullBackOff", message: "not found" } } : { running: {} },
        ...(restartCount > 0 && { lastState: { terminated: { containerID: "containerd://1" } } }),
      };
    });
    this.put({ ...pod, status: { phase: "Running", containerStatuses } });
  }
}
