import type { Scope } from "../ports/cluster.ts";

/** Selectors of a list or watch, as the API takes them. */
export function scopeQuery({ labels, fields }: Scope): URLSearchParams {
  const query = new URLSearchParams();
  const selector = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
  if (selector.length > 0) query.set("labelSelector", selector.join(","));
  if (fields) query.set("fieldSelector", fields);
  return query;
}
