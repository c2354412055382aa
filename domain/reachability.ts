import { unproven } from "./current-condition.ts";
import type { Head } from "./deployment.ts";
import type { Kind, KubernetesObject } from "./kubernetes.ts";
import { entryName } from "./manifests/route.ts";
import { routeName } from "./names.ts";
import type { ObservedSlot, Unseen } from "./observed.ts";
import { acceptanceOf } from "./route-acceptance.ts";
import { type SlotName, slotNames } from "./words.ts";

/** What requests come by, as far as the cluster tells it. */
export interface Ways {
  routes: KubernetesObject[];
  slices: KubernetesObject[];
  /** Of which nothing can be said, for the cluster does not tell. */
  unseen: Unseen[];
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

function withWay(head: Head, slot: SlotName, found: ObservedSlot, ways: Ways, now: number): ObservedSlot {
  const seen = { ...found, ...(ways.unseen.length > 0 && { unseen: ways.unseen }) };
  const blocked = obstacle(head, slot, ways);
  if (!blocked) return { ...seen, unreachable: false };
  const { status, reason } = blocked;
  const isReady = seen.condition.type === "READY" && seen.condition.status === "True";
  const message = `revision ${seen.revision} (${slot}) has its instances ready and ${blocked.message}`;
  const condition = { type: "READY", status, reason, message, at: new Date(now).toISOString() } as const;
  return { ...seen, unreachable: status === "False", ...(isReady && { condition }) };
}

interface Obstacle {
  status: "False" | "Unknown";
  reason: string;
  message: string;
}

const nothingComes = (reason: string, why: string): Obstacle => ({ status: "False", reason, message: `gets no requests: ${why}` });

function obstacle(head: Head, slot: SlotName, { routes, slices, unseen }: Ways): Obstacle | undefined {
  const record = head.slots[slot];
  // What an operation moves is between two states: its own steps judge it.
  if (!record || record.weight === 0 || head.active_operation) return undefined;
  const hidden = (of: Kind): Obstacle | undefined => {
    const refusal = unseen.find(({ kind }) => kind === of);
    return refusal && { status: "Unknown", reason: unproven, message: `whether requests get to them is not known: ${refusal.message}` };
  };
  const noRoutes = hidden("HTTPRoute");
  if (noRoutes) return noRoutes;
  const name = routeName(head);
  const route = routes.find(({ metadata }) => metadata.name === name && metadata.namespace === head.place.namespace);
  if (!route) return nothingComes("RouteMissing", `HTTPRoute ${name} is not in the cluster. A restart makes it again`);
  const acceptance = acceptanceOf(route, head.place.gateway);
  if (typeof acceptance === "object") {
    return nothingComes("RouteNotAccepted", `the gateway refuses HTTPRoute ${name} (${acceptance.refused})`);
  }
  const noSlices = hidden("EndpointSlice");
  if (noSlices) return noSlices;
  const service = entryName(head, record);
  const own = slices.filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service);
  if (own.some(hasReadyEndpoint)) return undefined;
  return nothingComes(
    "NoEndpoints",
    `Service ${service} has no endpoint: it is gone, or its selector finds no instance. A restart makes it again`,
  );
}

interface Endpoint {
  conditions?: { ready?: boolean | null };
}

/** Unknown counts as ready, as the API has it. */
const hasReadyEndpoint = ({ endpoints }: KubernetesObject): boolean =>
  ((endpoints ?? []) as Endpoint[]).some(({ conditions }) => conditions?.ready !== false);
