import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { ContainerStatus, Pod } from "../objects/workloads.ts";
import { ruleFor } from "./kinds.ts";
import type { LogQuery, NodeAccess } from "./node-access.ts";
import type { Registry } from "./registry.ts";
import { isTrue, type RequestInfo } from "./request-info.ts";
import { badRequest, invalid } from "./status-error.ts";

/** `GET pods/{name}/log` as text, with the refusals of kubelet and API server. */
export function servePodLog(registry: Registry, node: NodeAccess, info: RequestInfo, response: ServerResponse): void {
  const pod = registry.get(ruleFor("Pod"), info.namespace, info.name) as Pod;
  const query = readQuery(info.url.searchParams, pod);
  if (!pod.spec.nodeName) {
    response.writeHead(200, { "Content-Type": "text/plain" }).end();
    return;
  }
  refuseWithoutRun(pod, query);
  response.writeHead(200, { "Content-Type": "text/plain" });
  const log = node.readLog(pod, query);
  if (!log) {
    response.end();
    return;
  }
  pipeline(log, response, () => undefined);
}

function readQuery(query: URLSearchParams, pod: Pod): LogQuery {
  const number = (name: string) => (query.get(name) === null ? undefined : Number(query.get(name)));
  const [tailLines, limitBytes, sinceSeconds] = [number("tailLines"), number("limitBytes"), number("sinceSeconds")];
  const sinceTime = query.get("sinceTime");
  const wrong = [
    ...(sinceSeconds !== undefined && sinceTime !== null
      ? [["sinceSeconds", "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"]]
      : []),
    ...(tailLines !== undefined && !(tailLines >= 0)
      ? [["tailLines", `Invalid value: ${tailLines}: must be greater than or equal to 0`]]
      : []),
    ...(limitBytes !== undefined && !(limitBytes >= 1) ? [["limitBytes", `Invalid value: ${limitBytes}: must be greater than 0`]] : []),
    ...(sinceSeconds !== undefined && !(sinceSeconds >= 1)
      ? [["sinceSeconds", `Invalid value: ${sinceSeconds}: must be greater than 0`]]
      : []),
  ] as [string, string][];
  if (wrong.length > 0) {
    const errors = wrong.map(([field, message]) => ({ field, type: "FieldValueInvalid" as const, message }));
    throw invalid({ group: "", kind: "PodLogOptions" }, pod.metadata.name, errors);
  }
  const since = sinceTime !== null ? Date.parse(sinceTime) : sinceSeconds !== undefined ? Date.now() - sinceSeconds * 1000 : undefined;
  return {
    container: chooseContainer(pod, query.get("container")),
    previous: isTrue(query.get("previous")),
    follow: isTrue(query.get("follow")),
    timestamps: isTrue(query.get("timestamps")),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(since !== undefined && { since }),
  };
}

function chooseContainer(pod: Pod, asked: string | null): string {
  const { name } = pod.metadata;
  const names = pod.spec.containers.map((container) => container.name);
  const initNames = (pod.spec.initContainers ?? []).map((container) => container.name);
  if (asked) {
    if (names.includes(asked) || initNames.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (names.length === 1) return names[0] as string;
  const init = initNames.length > 0 ? ` or one of the init containers: [${initNames.join(" ")}]` : "";
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(" ")}]${init}`);
}

function refuseWithoutRun(pod: Pod, { container, previous }: LogQuery): void {
  const subject = `container "${container}" in pod "${pod.metadata.name}"`;
  const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
  const status = statuses.find((each) => each.name === container);
  if (!status) throw badRequest(`${subject} is not available`);
  if (previous) {
    if (status.lastState?.terminated?.containerID) return;
    throw badRequest(`previous terminated ${subject} not found`);
  }
  if (status.state?.running || status.state?.terminated || status.lastState?.terminated?.containerID) return;
  throw badRequest(`${subject} is waiting to start: ${waitingText(status)}`);
}

function waitingText(status: ContainerStatus): string {
  const reason = status.state?.waiting?.reason ?? "ContainerCreating";
  if (reason === "ErrImagePull") return "image can't be pulled";
  return reason === "ImagePullBackOff" ? "trying and failing to pull image" : reason;
}
