import type { Registry } from "../api/registry.ts";
import type { Gateway, GatewayClass, HttpRoute, Listener, ParentRef } from "../objects/gateway-api.ts";
import { matcherOf } from "../objects/selectors.ts";

/** The controller name of the GatewayClass whose Gateways this data plane serves. */
export const controllerName = "slipway.dev/local-gateway";

export interface Attachment {
  parentRef: ParentRef;
  gateway: Gateway;
  /** undefined when accepted. */
  refused: { reason: string; message: string } | undefined;
}

export function isOurs(registry: Registry, gateway: Gateway): boolean {
  return registry.find<GatewayClass>("GatewayClass", undefined, gateway.spec.gatewayClassName)?.spec.controllerName === controllerName;
}

/** The Gateways of ours that a route names as parents, and whether each lets the route in. */
export function attachmentsOf(registry: Registry, route: HttpRoute): Attachment[] {
  return (route.spec.parentRefs ?? []).flatMap((parentRef) => {
    if (parentRef.kind !== undefined && parentRef.kind !== "Gateway") return [];
    const gateway = registry.find<Gateway>("Gateway", parentRef.namespace ?? route.metadata.namespace, parentRef.name);
    if (!gateway || !isOurs(registry, gateway)) return [];
    return [{ parentRef, gateway, refused: refusalOf(registry, route, parentRef, gateway) }];
  });
}

function refusalOf(registry: Registry, route: HttpRoute, parentRef: ParentRef, gateway: Gateway): Attachment["refused"] {
  const named = gateway.spec.listeners.filter(
    (listener) =>
      (parentRef.sectionName === undefined || listener.name === parentRef.sectionName) &&
      (parentRef.port === undefined || listener.port === parentRef.port),
  );
  if (named.length === 0) return { reason: "NoMatchingParent", message: "No listeners match this parent ref" };
  const open = named.filter((listener) => admits(registry, route, listener, gateway));
  if (open.length === 0)
    return { reason: "NotAllowedByListeners", message: "No listeners included by this parent ref allowed this attachment." };
  const suits = (listener: Listener) =>
    !listener.hostname || !route.spec.hostnames?.length || route.spec.hostnames.includes(listener.hostname);
  if (!open.some(suits))
    return {
      reason: "NoMatchingListenerHostname",
      message: "There were no hostname intersections between the HTTPRoute and this parent ref's Listener(s).",
    };
  return undefined;
}

function admits(registry: Registry, route: HttpRoute, listener: Listener, gateway: Gateway): boolean {
  const { from = "Same", selector } = listener.allowedRoutes?.namespaces ?? {};
  if (from === "All") return true;
  if (from === "Same") return route.metadata.namespace === gateway.metadata.namespace;
  const namespace = registry.find("Namespace", undefined, route.metadata.namespace as string);
  return selector !== undefined && matcherOf(selector)(namespace?.metadata.labels);
}
