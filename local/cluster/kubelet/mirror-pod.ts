import type { Pod } from "../objects/workloads.ts";

/** On pods that stand for something which runs already, without the API server's doing. */
export const mirrorAnnotation = "kubernetes.io/config.mirror";

export const isMirror = (pod: Pod): boolean => pod.metadata.annotations?.[mirrorAnnotation] !== undefined;
