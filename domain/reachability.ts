import type { Head } from "./deployment.ts";
import type { KubernetesObject } from "./kubernetes.ts";
import { entryName } from "./manifests/route.ts";
import { routeName } from "./names.ts";
import type { ObservedSlot } from "./observed.ts";
import { acceptanceOf } from "./route-acceptance.ts";
import { type SlotName, slotNames } from "./words.ts";

/** What requests come by, as far as the cluster tells it. */
export interface Ways {
  routes: KubernetesObject[];
  slices: KubernetesObject[];
}

/**
 * What was seen of slots, with the ways to them: ready instances that no request can reach do not answer. Only of slots
 * that have a part of the traffic; `now` in milliseconds.
 */
export function withWays(
  head: Head,
  seen: Partial<Record<SlotName, ObservedSlot>>,
  ways: Ways,
  now: number,
): Partial<Record<SlotName, ObservedSlot>> {
  const given = slotNames.flatMap((slot) => {
    const found = seen[slot];
    return found ? [[slot, withWay(head, slot, found, ways, now)] as const] : [];
  });
  return Object.fromEntries(given);
}

function withWay(head: Head, slot: SlotName, seen: ObservedSlot, ways: Ways, now: number): ObservedSlot {
  const blocked = obstacle(head, slot, ways);
  if (!blocked) return { ...seen, unreachable: false };
  const isReady = seen.condition.type === "READY" && seen.condition.status === "True";
  const message = `revision ${seen.revision} (${slot}) has its instances ready and gets no requests: ${blocked.message}`;
  const condition = { type: "READY", status: "False", reason: blocked.reason, message, at: new Date(now).toISOString() } as const;
  return { ...seen, unreachable: true, ...(isReady && { condition }) };
}

function obstacle(head: Head, slot: SlotName, { routes, slices }: Ways): { reason: string; message: string } | undefined {
  const record = head.slots[slot];
  // What an operation moves is between two states: its own steps judge it.
  if (!record || record.weight === 0 || head.active_operation) return undefined;
  const name = routeName(head);
  const route = routes.find(({ metadata }) => metadata.name === name && metadata.namespace === head.place.namespace);
  if (!route) return { reason: "RouteMissing", message: `HTTPRoute ${name} is not in the cluster. A restart makes it again` };
  const acceptance = acceptanceOf(route, head.place.gateway);
  if (typeof acceptance === "object") {
    return { reason: "RouteNotAccepted", message: `the gateway refuses HTTPRoute ${name} (${acceptance.refused})` };
  }
  const service = entryName(head, record);
  const own = slices.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service);
  if (own.some(hasReadyEndpoint)) return undefined;
  return {
    reason: "NoEndpoints",
    message: `Service ${service} has no endpoint: it is gone, or its selector finds no instance. A restart makes it again`,
  };
}

interface Endpoint {
  conditions?: { ready?: boolean | null };
}

/** Unknown counts as ready, as the API has it. */
const hasReadyEndpoint = ({ endpoints }: KubernetesObject): boolean =>
  ((endpoints ?? []) as Endpoint[]).some(({ conditions }) => conditions?.ready !== false);
