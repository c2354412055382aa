import { release, type } from "node:os";
import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import type { Draft } from "../objects/resource.ts";
import { timestamp } from "../objects/resource.ts";
import type { Node, Pod } from "../objects/workloads.ts";

/** What a node offers; `gpu` counts `nvidia.com/gpu`. */
export interface NodeSize {
  name: string;
  cpu: number | string;
  memory: string;
  gpu?: number;
}

const mostPods = 110;

/** Makes the Node objects as wanted. A node that is gone takes its pods with it, as pod garbage collection has it. */
export function registerNodes(registry: Registry, sizes: NodeSize[]): void {
  const wanted = new Set(sizes.map(({ name }) => name));
  for (const { metadata } of registry.list<Node>("Node")) {
    if (wanted.has(metadata.name)) continue;
    registry.delete(ruleFor("Node"), undefined, metadata.name);
    const lost = registry.list<Pod>("Pod").filter((pod) => pod.spec.nodeName === metadata.name);
    for (const pod of lost) registry.delete(ruleFor("Pod"), pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0 });
  }
  for (const size of sizes) {
    const { status, ...node } = nodeObject(size);
    const stored = registry.apply(node);
    registry.change(
      "Node",
      stored,
      (draft) => {
        draft.status = status;
      },
      "status",
    );
  }
}

function nodeObject({ name, cpu, memory, gpu = 0 }: NodeSize): Draft {
  const capacity = {
    cpu: String(cpu),
    memory,
    "ephemeral-storage": "100Gi",
    pods: String(mostPods),
    ...(gpu > 0 && { "nvidia.com/gpu": String(gpu) }),
  };
  const time = timestamp();
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": architecture,
      },
    },
    spec: { podCIDR: "10.244.0.0/16", podCIDRs: ["10.244.0.0/16"] },
    status: {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: "InternalIP", address: "127.0.0.1" },
        { type: "Hostname", address: name },
      ],
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          message: "kubelet is posting ready status",
          lastHeartbeatTime: time,
          lastTransitionTime: time,
        },
      ],
      nodeInfo: {
        kubeletVersion: "v1.35.4-slipway-local",
        operatingSystem: "linux",
        architecture,
        containerRuntimeVersion: "processes://1",
        osImage: `${type()}, with processes for containers`,
        kernelVersion: release(),
        // Clients take every field for given; these say nothing here.
        ...{ machineID: name, systemUUID: name, bootID: name, kubeProxyVersion: "" },
      },
    },
  };
}
