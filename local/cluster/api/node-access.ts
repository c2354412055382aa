import type { Readable } from "node:stream";
import type { Pod } from "../objects/workloads.ts";

export interface LogQuery {
  container: string;
  previous: boolean;
  follow: boolean;
  timestamps: boolean;
  tailLines?: number;
  limitBytes?: number;
  /** Milliseconds since the epoch. */
  since?: number;
}

/** What the API server asks of the node: logs of containers, and the loopback port behind a pod's address. */
export interface NodeAccess {
  /** Text lines of one run of a container; undefined when it has never written any. */
  readLog(pod: Pod, query: LogQuery): Readable | undefined;
  /** The port on 127.0.0.1 that a pod's address and port stand for; undefined when nothing listens there. */
  loopbackPort(address: string, port: number): number | undefined;
}
