/** Sizes a component can run in. The limits are what the scheduler and the kernel hold it to. */

export interface InstanceType {
  name: InstanceTypeName;
  description: string;
  /** Kubernetes quantities. Memory is requested as it is limited, so that no neighbour's load can get an instance killed. */
  requests: { cpu: string; memory: string };
  limits: { cpu: string; memory: string };
  /** Whole GPUs (`nvidia.com/gpu`), requested as limited; 0 for none. */
  gpu: number;
}

export const instanceTypeNames = ["cpu.small", "cpu.standard", "cpu.large", "gpu.standard", "gpu.xlarge"] as const;
export type InstanceTypeName = (typeof instanceTypeNames)[number];

export const instanceTypes: Readonly<Record<InstanceTypeName, InstanceType>> = {
  "cpu.small": {
    name: "cpu.small",
    description: "A quarter of a core, bursting to one, with 512 MiB: small scikit-learn, boosting and ONNX models",
    requests: { cpu: "250m", memory: "512Mi" },
    limits: { cpu: "1", memory: "512Mi" },
    gpu: 0,
  },
  "cpu.standard": {
    name: "cpu.standard",
    description: "One core, bursting to two, with 2 GiB",
    requests: { cpu: "1", memory: "2Gi" },
    limits: { cpu: "2", memory: "2Gi" },
    gpu: 0,
  },
  "cpu.large": {
    name: "cpu.large",
    description: "Four cores with 8 GiB",
    requests: { cpu: "4", memory: "8Gi" },
    limits: { cpu: "4", memory: "8Gi" },
    gpu: 0,
  },
  "gpu.standard": {
    name: "gpu.standard",
    description: "One GPU with three cores and 12 GiB: what a 4-core, 16 GiB GPU node has left for a pod",
    requests: { cpu: "3", memory: "12Gi" },
    limits: { cpu: "3", memory: "12Gi" },
    gpu: 1,
  },
  "gpu.xlarge": {
    name: "gpu.xlarge",
    description: "Four GPUs with 40 cores and 160 GiB: what a 48-core, 192 GiB GPU node has left for a pod",
    requests: { cpu: "40", memory: "160Gi" },
    limits: { cpu: "40", memory: "160Gi" },
    gpu: 4,
  },
};

/** undefined when the catalogue has no such type: an own name only, so that `constructor` is none. */
export function findInstanceType(name: string): InstanceType | undefined {
  return Object.hasOwn(instanceTypes, name) ? instanceTypes[name as InstanceTypeName] : undefined;
}
