import { isDeepStrictEqual } from "node:util";
import type { Registry } from "../api/registry.ts";
import { setCondition } from "../objects/conditions.ts";
import type { Gateway, GatewayClass, HttpRoute, ParentStatus } from "../objects/gateway-api.ts";
import type { Condition, Resource } from "../objects/resource.ts";
import { knownFilters } from "./filters.ts";
import { type Attachment, attachmentsOf, controllerName } from "./parents.ts";
import { serviceOf } from "./route-table.ts";

/** Says in a route's status, for each parent of ours, whether it is accepted and whether its backends are there. */
export function writeRouteStatus(registry: Registry, route: HttpRoute): void {
  const others = (route.status?.parents ?? []).filter((parent) => parent.controllerName !== controllerName);
  const ours = attachmentsOf(registry, route).map((attachment) => parentStatus(registry, route, attachment));
  const parents = [...others, ...ours];
  registry.change<HttpRoute>(
    "HTTPRoute",
    route,
    (draft) => {
      if (!isDeepStrictEqual(draft.status?.parents ?? [], parents)) draft.status = { parents };
    },
    "status",
  );
}

function parentStatus(registry: Registry, route: HttpRoute, { parentRef, refused }: Attachment): ParentStatus {
  const before = route.status?.parents.find(
    (parent) => parent.controllerName === controllerName && isDeepStrictEqual(parent.parentRef, parentRef),
  );
  const observedGeneration = route.metadata.generation ?? 1;
  const refusal = refused ?? unknownFilter(route);
  const accepted: Condition = refusal
    ? { type: "Accepted", status: "False", ...refusal }
    : { type: "Accepted", status: "True", reason: "Accepted", message: "Route is accepted" };
  const missing = missingBackend(registry, route);
  const resolved: Condition = missing
    ? { type: "ResolvedRefs", status: "False", ...missing }
    : { type: "ResolvedRefs", status: "True", reason: "ResolvedRefs", message: "Resolved all the Object references for the Route" };
  const conditions = [accepted, resolved].reduce(
    (list, each) => setCondition(list, { ...each, observedGeneration }),
    before?.conditions ?? [],
  );
  return { parentRef, controllerName, conditions };
}

function unknownFilter(route: HttpRoute): { reason: string; message: string } | undefined {
  const unknown = (route.spec.rules ?? []).flatMap((rule) => rule.filters ?? []).find((filter) => !knownFilters.includes(filter.type));
  return (
    unknown && { reason: "UnsupportedValue", message: `the local gateway has no filter ${unknown.type}; it has ${knownFilters.join(", ")}` }
  );
}

function missingBackend(registry: Registry, route: HttpRoute): { reason: string; message: string } | undefined {
  for (const reference of (route.spec.rules ?? []).flatMap((rule) => rule.backendRefs ?? [])) {
    const { kind = "Service", group = "", namespace = route.metadata.namespace, name, port } = reference;
    if (kind !== "Service" || group !== "")
      return { reason: "InvalidKind", message: `Group ${group} and kind ${kind} are not supported: only Service` };
    if (namespace !== route.metadata.namespace) {
      return { reason: "RefNotPermitted", message: `Backend ref to Service ${namespace}/${name} not permitted by any ReferenceGrant.` };
    }
    const service = serviceOf(registry, route, reference);
    if (!service) return { reason: "BackendNotFound", message: `Service ${namespace}/${name} not found` };
    if (!service.spec.ports?.some((each) => each.port === port)) {
      return { reason: "BackendNotFound", message: `TCP Port ${port} not found on Service ${namespace}/${name}` };
    }
  }
  return undefined;
}

export function writeGatewayStatus(registry: Registry, gateway: Gateway): void {
  const routes = registry.list<HttpRoute>("HTTPRoute");
  const attached = routes.filter((route) =>
    attachmentsOf(registry, route).some((each) => each.gateway.metadata.uid === gateway.metadata.uid && !each.refused),
  );
  const observedGeneration = gateway.metadata.generation ?? 1;
  registry.change<Gateway>(
    "Gateway",
    gateway,
    (draft) => {
      const known = (draft.status?.listeners ?? []) as { name: string; conditions: Condition[] }[];
      const listeners = draft.spec.listeners.map(({ name }) => ({
        name,
        attachedRoutes: attached.length,
        supportedKinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
        conditions: allTrue(
          known.find((each) => each.name === name)?.conditions,
          ["Programmed", "Accepted", "ResolvedRefs"],
          observedGeneration,
        ),
      }));
      const conditions = allTrue(draft.status?.conditions, ["Accepted", "Programmed"], observedGeneration);
      draft.status = { addresses: [{ type: "IPAddress", value: "127.0.0.1" }], conditions, listeners };
    },
    "status",
  );
}

export function writeClassStatus(registry: Registry, gatewayClass: GatewayClass): void {
  registry.change<GatewayClass & Resource>(
    "GatewayClass",
    gatewayClass,
    (draft) => {
      draft.status = { conditions: allTrue(draft.status?.conditions, ["Accepted"], gatewayClass.metadata.generation ?? 1) };
    },
    "status",
  );
}

function allTrue(before: Condition[] | undefined, types: string[], observedGeneration: number): Condition[] {
  return types.reduce(
    (list, type) => setCondition(list, { type, status: "True", reason: type, message: "", observedGeneration }),
    before ?? [],
  );
}
