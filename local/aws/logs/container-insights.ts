import type { ContainerLogRecord } from "../../cluster/kubelet/node-parts.ts";
import type { Frame, LogLine, LogStore } from "./store.ts";

/** What the add-on for CloudWatch does on EKS: takes each line that a container writes to the cluster's log group. */
export interface ContainerInsights {
  record: (record: ContainerLogRecord) => void;
  /** Time of the last line that has come of a run of a container, as it was written there. */
  lastTime: (run: Pick<ContainerLogRecord, "node" | "pod" | "namespace" | "container" | "container_id">) => string | undefined;
  /** Stores what has come. */
  flush: () => void;
}

const retentionDays = 7;
const flushMilliseconds = 50;
const mostInOne = 2_000;
/** An event may have a megabyte, with what stands around the line. */
const longestLine = 900_000;

interface Waiting {
  stream: string;
  frame: Frame;
  line: LogLine;
}

/** With the names, fields and stream names of Fluent Bit as Container Insights configures it, labels off. */
export function containerInsights(logs: LogStore, cluster: string): ContainerInsights {
  const group = `/aws/containerinsights/${cluster}/application`;
  logs.createGroup(group, retentionDays);
  const pieces = new Map<string, string>();
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const together = Object.groupBy(waiting, ({ stream, frame }) => `${stream} ${frame}`);
    waiting = [];
    logs.appendAll(
      group,
      Object.values(together).map((found = []) => ({ ...(found[0] as Waiting), lines: found.map(({ line }) => line) })),
    );
  };
  return {
    flush,
    lastTime: (run) => {
      flush();
      const last = logs.lastOf(group, streamOf(run));
      return last && (JSON.parse(last.message) as { time: string }).time;
    },
    record: (record) => {
      const key = `${record.pod_uid}/${record.container}/${record.restart_count}/${record.stream}`;
      const text = (pieces.get(key) ?? "") + record.line;
      if (!record.is_whole && text.length < longestLine) {
        pieces.set(key, text);
        return;
      }
      pieces.delete(key);
      waiting.push({ stream: streamOf(record), frame: frameOf(record), line: eventOf(record, text) });
      if (waiting.length >= mostInOne) flush();
      else timer ??= setTimeout(flush, flushMilliseconds);
    },
  };
}

function streamOf(run: Pick<ContainerLogRecord, "node" | "pod" | "namespace" | "container" | "container_id">): string {
  const { node, pod, namespace, container, container_id } = run;
  return `${node}-application.var.log.containers.${pod}_${namespace}_${container}-${shortId(container_id)}.log`;
}

const shortId = (id: string): string => id.replace(/^containerd:\/\//, "");

function eventOf(record: ContainerLogRecord, log: string): LogLine {
  const message = JSON.stringify({ time: record.time, stream: record.stream, _p: "F", log, ...processed(log) });
  return { timestamp: Date.parse(record.time), message };
}

/** What all lines of one run of a container say of it: kept once. */
function frameOf(record: ContainerLogRecord): Frame {
  const kubernetes = {
    pod_name: record.pod,
    namespace_name: record.namespace,
    pod_id: record.pod_uid,
    host: record.node,
    container_name: record.container,
    docker_id: shortId(record.container_id),
    container_hash: record.image_id,
    container_image: record.image,
  };
  return JSON.stringify({ kubernetes }).slice(1, -1);
}

/** Merge_Log: a line that is a JSON object is there a second time, taken apart. */
function processed(log: string): { log_processed?: object } {
  if (!log.startsWith("{")) return {};
  try {
    return { log_processed: JSON.parse(log) as object };
  } catch {
    return {};
  }
}
