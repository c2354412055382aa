import type { Registry } from "../api/registry.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { ServiceProxy } from "../network/service-proxy.ts";
import type { ImageStore } from "./image-store.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import type { ProcessLedger } from "./process-ledger.ts";
import type { NodeEvents } from "./silent-node.ts";

/** One line that a container wrote, or a piece of one. */
export interface ContainerLogRecord {
  time: string;
  stream: "stdout" | "stderr";
  line: string;
  /** False for a piece of a line that goes on. */
  is_whole: boolean;
  namespace: string;
  pod: string;
  pod_uid: string;
  node: string;
  container: string;
  container_id: string;
  image: string;
  image_id: string;
  restart_count: number;
  labels: Record<string, string>;
}

/** What the pods of a node share. */
export interface NodeParts {
  registry: Registry;
  events: NodeEvents;
  network: PodNetwork;
  services: ServiceProxy;
  images: ImageStore;
  ledger: ProcessLedger;
  memory: MemoryWatch;
  /** Folder of all pods: volumes, logs, home folders. */
  folder: string;
  /** Multiplies every back-off of the kubelet; 1 is Kubernetes' own pace. */
  backOffFactor: number;
  onContainerLog: (record: ContainerLogRecord) => void;
}

/** The kubelet looks at a pod again after this when something went wrong with it; milliseconds, before `backOffFactor`. */
export const syncRetry = 10_000;

/** Waits; false when `signal` ended the wait. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const finish = (whole: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      resolve(whole);
    };
    const abort = () => finish(false);
    const timer = setTimeout(() => finish(true), milliseconds);
    signal.addEventListener("abort", abort);
  });
}
