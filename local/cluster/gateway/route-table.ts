import type { IncomingMessage } from "node:http";
import type { Registry } from "../api/registry.ts";
import type { BackendRef, HttpRoute, RouteFilter, RouteMatch } from "../objects/gateway-api.ts";
import { keyOf } from "../objects/resource.ts";
import type { EndpointSlice, Service } from "../objects/workloads.ts";
import { attachmentsOf } from "./parents.ts";

export interface Endpoint {
  address: string;
  port: number;
}

/** Where a share of a rule's requests goes. */
export interface Backend {
  /** What its requests are counted under. */
  service: string;
  weight: number;
  /** Null when the Service or its port is not there: that share fails with 500. */
  endpoints: Endpoint[] | null;
  filters: RouteFilter[];
}

/** One match of one rule of one route. */
export interface RouteEntry {
  hostnames: string[];
  match: RouteMatch;
  filters: RouteFilter[];
  backends: Backend[];
}

/** All routes as they are now, most specific first, as the Gateway API orders them. */
export function compileRoutes(registry: Registry): RouteEntry[] {
  const routes = registry
    .list<HttpRoute>("HTTPRoute")
    .filter((route) => attachmentsOf(registry, route).some(({ refused }) => !refused))
    .toSorted((a, b) => inOrder(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || inOrder(keyOf(a), keyOf(b)));
  const slices = slicesByService(registry);
  const entries = routes.flatMap((route) =>
    (route.spec.rules ?? []).flatMap((rule) => {
      const backends = (rule.backendRefs ?? []).map((reference) => resolveBackend(registry, slices, route, reference));
      return (rule.matches ?? []).map((match) => ({ hostnames: route.spec.hostnames ?? [], match, filters: rule.filters ?? [], backends }));
    }),
  );
  // Sorting is stable: between equals the older route and the earlier rule go first.
  const ranked = entries.map((entry) => ({ entry, rank: precedence(entry) }));
  return ranked.toSorted((a, b) => compare(b.rank, a.rank)).map(({ entry }) => entry);
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function slicesByService(registry: Registry): Map<string, EndpointSlice[]> {
  const slices = new Map<string, EndpointSlice[]>();
  for (const slice of registry.list<EndpointSlice>("EndpointSlice")) {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels?.["kubernetes.io/service-name"]}`;
    slices.set(key, [...(slices.get(key) ?? []), slice]);
  }
  return slices;
}

export function serviceOf(registry: Registry, route: HttpRoute, reference: BackendRef): Service | undefined {
  // Another namespace needs a ReferenceGrant, a kind that this cluster does not have.
  if (reference.namespace !== undefined && reference.namespace !== route.metadata.namespace) return undefined;
  return registry.find<Service>("Service", route.metadata.namespace, reference.name);
}

function resolveBackend(registry: Registry, slices: Map<string, EndpointSlice[]>, route: HttpRoute, reference: BackendRef): Backend {
  const service = serviceOf(registry, route, reference);
  const port = service?.spec.ports?.find((each) => each.port === reference.port);
  const common = { service: countedName(route, reference), weight: reference.weight ?? 1, filters: reference.filters ?? [] };
  if (!service || !port) return { ...common, endpoints: null };
  const endpoints = (slices.get(keyOf(service)) ?? []).flatMap((slice) => {
    const target = slice.ports?.find((each) => each.name === (port.name ?? ""))?.port;
    const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions.ready !== false);
    return target === undefined ? [] : ready.map((endpoint) => ({ address: endpoint.addresses[0] as string, port: target }));
  });
  return { ...common, endpoints };
}

/** As Traefik 3.6 names the Service of a route. */
function countedName(route: HttpRoute, { namespace = route.metadata.namespace, name, port }: BackendRef): string {
  return `${namespace}-${name}-http-${port}@kubernetesgateway`;
}

/** Hostname, exact path, length of the prefix, method, number of headers, number of query parameters. */
function precedence({ hostnames, match }: RouteEntry): number[] {
  const { path } = match;
  return [
    Math.max(0, ...hostnames.map((name) => (name.startsWith("*") ? 1 : 1000) + name.length)),
    path?.type === "Exact" ? 1 : 0,
    path?.value?.length ?? 0,
    match.method ? 1 : 0,
    match.headers?.length ?? 0,
    match.queryParams?.length ?? 0,
  ];
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number);
}

export function findEntry(entries: RouteEntry[], request: IncomingMessage, url: URL): RouteEntry | undefined {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  return entries.find(
    ({ hostnames, match }) =>
      (hostnames.length === 0 || hostnames.some((name) => isHost(name, host))) &&
      isPath(match.path, url.pathname) &&
      (match.method === undefined || match.method === request.method) &&
      (match.headers ?? []).every(({ name, value, type }) => isValue(type, value, request.headers[name.toLowerCase()])) &&
      (match.queryParams ?? []).every(({ name, value, type }) => isValue(type, value, url.searchParams.get(name) ?? undefined)),
  );
}

function isHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : pattern === host;
}

function isPath(path: RouteMatch["path"], actual: string): boolean {
  const value = path?.value ?? "/";
  if (path?.type === "Exact") return actual === value;
  if (path?.type === "RegularExpression") return new RegExp(`^(?:${value})$`).test(actual);
  const prefix = value.replace(/\/+$/, "");
  return actual === prefix || actual.startsWith(`${prefix}/`);
}

function isValue(type: string | undefined, wanted: string, actual: string | string[] | undefined): boolean {
  const text = Array.isArray(actual) ? actual.join(",") : actual;
  if (text === undefined) return false;
  return type === "RegularExpression" ? new RegExp(`^(?:${wanted})$`).test(text) : text === wanted;
}
