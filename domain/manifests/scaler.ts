import type { KubernetesObject } from "../kubernetes.ts";
import { epochAnnotation, fixedSizeAnnotation } from "../names.ts";
import type { ScalingConfig } from "../specification.ts";
import type { Component } from "../words.ts";
import { desiredOf, metadataOf, nameOf, type Placement } from "./placement.ts";

/** Kubernetes' own limit of a stabilization window. */
const longestCooldown = 3600;

/** There is nothing to find out about such a size: an autoscaler would ask for figures all the time, and change nothing. */
export const isFixed = ({ min_replicas, max_replicas }: ScalingConfig): boolean => min_replicas === max_replicas;

/** The same of a Deployment that is there. One that an autoscaler was made for in spite of it does not say so. */
export const isFixedSize = ({ metadata }: KubernetesObject): boolean => metadata.annotations?.[fixedSizeAnnotation] !== undefined;

/**
 * While an operation lasts it holds the size that was asked for: nothing is scaled down. `relaxScaling` lets it. Where that
 * is the smallest that it may have there is nothing to hold.
 */
export function scalerObject(placement: Placement, component: Component, scaling: ScalingConfig): KubernetesObject {
  const minReplicas = Math.max(1, desiredOf(placement, component));
  const selectPolicy = desiredOf(placement, component) > scaling.min_replicas ? "Disabled" : "Max";
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadataOf(placement, component),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: nameOf(placement, component) },
      minReplicas,
      maxReplicas: Math.max(minReplicas, scaling.max_replicas),
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: scaling.target_cpu_utilization } },
        },
      ],
      behavior: {
        scaleDown: { stabilizationWindowSeconds: Math.min(longestCooldown, scaling.cooldown_period), selectPolicy },
      },
    },
  };
}

/** JSON merge patch: the revision serves, and its size is its own to find again. */
export function relaxScaling({ min_replicas }: ScalingConfig): object {
  return { spec: { minReplicas: Math.max(1, min_replicas), behavior: { scaleDown: { selectPolicy: "Max" } } } };
}

/** JSON merge patch: nothing is scaled down below `size` until `relaxScaling`. */
export function holdScaling(size: number): object {
  return { spec: { minReplicas: Math.max(1, size), behavior: { scaleDown: { selectPolicy: "Disabled" } } } };
}

/** Beside such a patch: the size is this epoch's to say, and no older one's, if the autoscaler still is as it was read. */
export function claimScaler(epoch: number, { metadata }: KubernetesObject): object {
  return { metadata: { resourceVersion: metadata.resourceVersion, annotations: { [epochAnnotation]: String(epoch) } } };
}

/** The size that is held; 0 when none is. */
export function heldSize(scaler: KubernetesObject): number {
  return isHeld(scaler) ? ((scaler.spec as { minReplicas?: number }).minReplicas ?? 1) : 0;
}

/** Whether the autoscaler holds its size, of at least so many instances. */
export function isHeld({ spec }: KubernetesObject, size = 0): boolean {
  const { minReplicas = 1, behavior } = (spec ?? {}) as { minReplicas?: number; behavior?: { scaleDown?: { selectPolicy?: string } } };
  return behavior?.scaleDown?.selectPolicy === "Disabled" && minReplicas >= size;
}

/** Instances that it may have at most. */
export const largestSize = ({ spec }: KubernetesObject): number =>
  (spec as { maxReplicas?: number } | undefined)?.maxReplicas ?? Number.POSITIVE_INFINITY;

/** The size, when the autoscaler has found it to be needed; undefined for one that is merely held. */
export const grownSize = (scaler: KubernetesObject, size: number): number | undefined => (size > heldSize(scaler) ? size : undefined);
