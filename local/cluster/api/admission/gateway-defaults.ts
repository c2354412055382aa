import type { HttpRoute } from "../../objects/gateway-api.ts";
import type { Resource } from "../../objects/resource.ts";

/** Defaults that the Gateway API's custom resource definitions set. */
export function defaultGatewayObject(object: Resource): void {
  if (object.kind === "HTTPRoute") defaultRoute(object as HttpRoute);
  if (object.kind !== "Gateway") return;
  const listeners = ((object.spec as { listeners?: Record<string, unknown>[] })?.listeners ?? []) as Record<string, unknown>[];
  for (const listener of listeners) listener.allowedRoutes ??= { namespaces: { from: "Same" } };
  object.status ??= {
    conditions: ["Accepted", "Programmed"].map((type) => ({
      type,
      status: "Unknown",
      reason: "Pending",
      message: "Waiting for controller",
      lastTransitionTime: "1970-01-01T00:00:00Z",
    })),
  };
}

function defaultRoute(route: HttpRoute): void {
  if (!route.spec) return;
  for (const parent of route.spec.parentRefs ?? []) {
    parent.group ??= "gateway.networking.k8s.io";
    parent.kind ??= "Gateway";
  }
  route.spec.rules ??= [{}];
  for (const rule of route.spec.rules) {
    rule.matches ??= [{}];
    for (const match of rule.matches) {
      match.path ??= { type: "PathPrefix", value: "/" };
      match.path.type ??= "PathPrefix";
      match.path.value ??= "/";
      for (const header of match.headers ?? []) header.type ??= "Exact";
    }
    for (const backend of rule.backendRefs ?? []) {
      backend.group ??= "";
      backend.kind ??= "Service";
      backend.weight ??= 1;
    }
  }
}
