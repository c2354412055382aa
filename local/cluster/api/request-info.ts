import type { IncomingMessage } from "node:http";

/** What a request is about, by its path and method, as Kubernetes' own `RequestInfo` reads them. */
export interface RequestInfo {
  url: URL;
  method: string;
  verb: string;
  /** False for `/healthz`, `/version` and the like: those have a path alone. */
  isResource: boolean;
  path: string;
  group: string;
  version: string;
  namespace: string;
  resource: string;
  name: string;
  subresource: string;
  /** What follows the subresource: the path behind a proxy, with its leading slash; empty when there is none. */
  rest: string;
}

const namespaceSubresources = ["status", "finalize"];
const verbs: Record<string, string> = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete", GET: "get", HEAD: "get" };

export function readRequestInfo(request: IncomingMessage): RequestInfo {
  const url = new URL(request.url ?? "/", "https://cluster");
  const method = request.method ?? "GET";
  // The URL would fold `..` in what follows a proxy: the path is read as it came.
  const path = (request.url ?? "/").split("?")[0] as string;
  const base = { url, method, path, group: "", version: "", namespace: "", resource: "", name: "", subresource: "", rest: "" };
  const segments = path.split("/").slice(1);
  const named = segments[0] === "api" ? 2 : segments[0] === "apis" ? 3 : Number.POSITIVE_INFINITY;
  const parts = segments.slice(named).filter((segment, index, all) => segment !== "" || index < all.length - 1);
  if (parts.length === 0) return { ...base, verb: method.toLowerCase(), isResource: false };
  const [group, version] = named === 2 ? ["", segments[1]] : [segments[1], segments[2]];
  const place = readPlace(parts);
  const info = { ...base, ...place, group: group as string, version: version as string, isResource: true, verb: "" };
  const below = segments.slice(named + place.taken);
  if (place.subresource && below.length > 0) info.rest = `/${below.join("/")}`;
  return { ...info, verb: verbOf(info) };
}

function readPlace(parts: string[]) {
  const inNamespace = parts[0] === "namespaces" && parts.length > 2 && !namespaceSubresources.includes(parts[2] as string);
  const own = inNamespace ? parts.slice(2) : parts;
  const [resource = "", name = "", subresource = ""] = own.map(decodeURIComponent);
  const namespace = parts[0] === "namespaces" ? decodeURIComponent(parts[1] ?? "") : "";
  return { namespace, resource, name, subresource, taken: (inNamespace ? 2 : 0) + Math.min(own.length, 3) };
}

function verbOf(info: Omit<RequestInfo, "verb">): string {
  const verb = verbs[info.method] ?? "";
  if (info.subresource === "proxy" || info.name) return verb;
  if (verb === "get") return isTrue(info.url.searchParams.get("watch")) ? "watch" : "list";
  return verb === "delete" ? "deletecollection" : verb;
}

export function isTrue(value: string | null): boolean {
  return value === "true" || value === "1";
}
