import { type Amounts, addAmounts, largerAmounts, parseAmounts } from "./quantity.ts";
import type { PodSpec } from "./workloads.ts";

/** What a pod occupies: the sum of its containers, or its largest init container where that is more. */
export function podAmounts(spec: PodSpec, which: "requests" | "limits"): Amounts {
  const read = (container: { resources?: { requests?: object; limits?: object } }) =>
    parseAmounts(container.resources?.[which] as Record<string, string> | undefined);
  const together = spec.containers.map(read).reduce(addAmounts, {});
  return (spec.initContainers ?? []).map(read).reduce(largerAmounts, together);
}

/** Quality of service class, by the documented rules on cpu and memory of all containers. */
export function qosClass(spec: PodSpec): "Guaranteed" | "Burstable" | "BestEffort" {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const amounts = all.map((container) => ({
    requests: parseAmounts(container.resources?.requests),
    limits: parseAmounts(container.resources?.limits),
  }));
  const named = ["cpu", "memory"];
  if (amounts.every(({ requests, limits }) => named.every((name) => !requests[name] && !limits[name]))) return "BestEffort";
  const guaranteed = amounts.every(({ requests, limits }) =>
    named.every((name) => limits[name] && (requests[name] ?? limits[name]) === limits[name]),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}
