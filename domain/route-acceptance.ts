import type { KubernetesObject } from "./kubernetes.ts";
import type { GatewayPlace } from "./place.ts";

export type Acceptance = "accepted" | "pending" | { refused: string };

interface ParentStatus {
  parentRef: { name: string; namespace?: string };
  conditions?: { type: string; status: string; reason?: string; message?: string; observedGeneration?: number }[];
}

/** What the gateway says of the route as it is now; what it said of an earlier generation does not count. */
export function acceptanceOf(route: KubernetesObject, gateway: Pick<GatewayPlace, "name" | "namespace">): Acceptance {
  const { parents = [] } = (route.status ?? {}) as { parents?: ParentStatus[] };
  const ours = parents.find(
    ({ parentRef }) => parentRef.name === gateway.name && (parentRef.namespace ?? gateway.namespace) === gateway.namespace,
  );
  const current = (ours?.conditions ?? []).filter(
    ({ observedGeneration }) => (observedGeneration ?? 0) >= (route.metadata.generation ?? 0),
  );
  const refusal = current.find(({ type, status }) => (type === "Accepted" || type === "ResolvedRefs") && status === "False");
  if (refusal) return { refused: `${refusal.reason ?? refusal.type}: ${refusal.message ?? "no message"}` };
  return current.some(({ type, status }) => type === "Accepted" && status === "True") ? "accepted" : "pending";
}
