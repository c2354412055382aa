import { isDeepStrictEqual } from "node:util";
import type { Registry } from "../api/registry.ts";
import { mirrorAnnotation } from "../kubelet/mirror-pod.ts";
import type { Gateway } from "../objects/gateway-api.ts";
import { ownedBy, timestamp } from "../objects/resource.ts";
import type { Container, Node, Pod, PodStatus } from "../objects/workloads.ts";
import { metricsPath, metricsPort } from "./metrics-server.ts";

/** The data plane runs in this very process: a mirror pod stands for it, so that it can be listed and reached as one. */
export function ensureGatewayPod(registry: Registry, gateway: Gateway, name: string, address: string, ports: number[]): Pod {
  const namespace = gateway.metadata.namespace as string;
  const node = registry.list<Node>("Node")[0]?.metadata.name ?? "local";
  const podName = `${name}-${node}`;
  const pod = registry.find<Pod>("Pod", namespace, podName) ?? registry.create<Pod>(draftOf(gateway, podName, node, ports));
  return registry.change<Pod>("Pod", pod, (draft) => setRunning(draft, address), "status") ?? pod;
}

function draftOf(gateway: Gateway, name: string, nodeName: string, ports: number[]) {
  const labels = { "gateway.networking.k8s.io/gateway-name": gateway.metadata.name };
  const metrics = { "prometheus.io/scrape": "true", "prometheus.io/port": String(metricsPort), "prometheus.io/path": metricsPath };
  const containerPorts = [...ports, metricsPort].map((containerPort) => ({ containerPort }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: gateway.metadata.namespace as string,
      labels,
      annotations: { [mirrorAnnotation]: "local-gateway", ...metrics },
      ownerReferences: [ownedBy(gateway)],
    },
    // Nothing has to end in it: it goes at once when it is deleted.
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "gateway", image: "slipway/gateway", ports: containerPorts }],
    },
  };
}

function setRunning(pod: Pod, address: string): void {
  const lastTransitionTime = pod.status.startTime ?? timestamp(Date.now());
  const conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime,
  }));
  const [container] = pod.spec.containers as [Container];
  const state = { ready: true, started: true, restartCount: 0, state: { running: { startedAt: lastTransitionTime } } };
  const containerStatuses = [{ name: container.name, image: container.image ?? "", imageID: "", ...state }];
  const addresses = { podIP: address, podIPs: [{ ip: address }] };
  const status = { phase: "Running", ...addresses, startTime: lastTransitionTime, conditions, containerStatuses };
  if (!isDeepStrictEqual({ ...pod.status, ...status }, pod.status)) Object.assign(pod.status, status as PodStatus);
}
