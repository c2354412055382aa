import type { Deployment, ReplicaSet } from "../objects/workloads.ts";

export interface PlannedSize {
  set: ReplicaSet;
  replicas: number;
}

/** How large each ReplicaSet should be now, by the deployment's strategy. */
export function plannedSizes(deployment: Deployment, sets: ReplicaSet[], newest: ReplicaSet): PlannedSize[] {
  const wanted = deployment.spec.replicas;
  const old = sets.filter((set) => set !== newest);
  const active = old.filter((set) => set.spec.replicas > 0 || (set.status?.replicas ?? 0) > 0);
  if (active.length === 0) return [{ set: newest, replicas: wanted }];
  if (deployment.spec.strategy.type === "Recreate") {
    // The new pods start only when none of the old ones is left.
    return active.map((set) => ({ set, replicas: 0 }));
  }
  const { surge, unavailable } = allowances(deployment);
  const total = sum(sets, (set) => set.spec.replicas);
  const room = Math.max(0, wanted + surge - total);
  const grown = newest.spec.replicas >= wanted ? wanted : Math.min(wanted, newest.spec.replicas + room);
  const spare = sum(sets, (set) => set.status?.availableReplicas ?? 0) - (wanted - unavailable);
  return [{ set: newest, replicas: grown }, ...shrink(active, spare)];
}

/** Takes away what is not available first, then as many available pods as can be spared. */
function shrink(old: ReplicaSet[], spare: number): PlannedSize[] {
  let left = Math.max(0, spare);
  return old.map((set) => {
    const available = set.status?.availableReplicas ?? 0;
    const healthy = Math.min(set.spec.replicas, available);
    const taken = Math.min(healthy, left);
    left -= taken;
    return { set, replicas: healthy - taken };
  });
}

/** maxSurge rounded up and maxUnavailable rounded down, in pods; never both zero. */
export function allowances(deployment: Deployment): { surge: number; unavailable: number } {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type === "Recreate") return { surge: 0, unavailable: 0 };
  const surge = portion(strategy.rollingUpdate?.maxSurge ?? "25%", replicas, Math.ceil);
  const unavailable = portion(strategy.rollingUpdate?.maxUnavailable ?? "25%", replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

export function portion(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === "string" && value.endsWith("%") ? round((Number.parseFloat(value) / 100) * of) : Number(value);
}

export function sum<T>(items: T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}
