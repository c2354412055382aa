import type { Condition, Resource } from "./resource.ts";

export interface Autoscaler extends Resource {
  spec: {
    scaleTargetRef: { kind: string; name: string };
    minReplicas: number;
    maxReplicas: number;
    metrics?: { type: string; resource?: { name: string; target: { averageUtilization?: number } } }[];
    behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules };
  };
  status?: { currentReplicas: number; desiredReplicas: number; lastScaleTime?: string; conditions?: Condition[] };
}
export interface ScalingRules {
  selectPolicy?: "Max" | "Min" | "Disabled";
  stabilizationWindowSeconds?: number;
}
