import type { OutgoingHttpHeaders } from "node:http";
import type { HeaderModifier, RouteFilter, RouteMatch } from "../objects/gateway-api.ts";

/** Filters that this gateway carries out; a route with another one is not accepted. */
export const knownFilters = ["RequestHeaderModifier", "ResponseHeaderModifier", "URLRewrite"];

export function rewritePath(filters: RouteFilter[], match: RouteMatch, path: string): string {
  const rewrite = filters.find((filter) => filter.type === "URLRewrite")?.urlRewrite?.path;
  if (rewrite?.type === "ReplaceFullPath") return rewrite.replaceFullPath ?? "/";
  if (rewrite?.type !== "ReplacePrefixMatch") return path;
  const prefix = (match.path?.value ?? "/").replace(/\/+$/, "");
  const replacement = (rewrite.replacePrefixMatch ?? "/").replace(/\/+$/, "");
  const rest = path.slice(prefix.length);
  return `${replacement}${rest}` || "/";
}

export function rewriteHost(filters: RouteFilter[], host: string | undefined): string | undefined {
  return filters.find((filter) => filter.type === "URLRewrite")?.urlRewrite?.hostname ?? host;
}

export function requestHeaders(filters: RouteFilter[], headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return modified(
    filters.map((filter) => filter.requestHeaderModifier),
    headers,
  );
}

export function responseHeaders(filters: RouteFilter[], headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return modified(
    filters.map((filter) => filter.responseHeaderModifier),
    headers,
  );
}

function modified(modifiers: (HeaderModifier | undefined)[], headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const result = { ...headers };
  for (const { set = [], add = [], remove = [] } of modifiers.filter((modifier) => modifier !== undefined)) {
    for (const { name, value } of set) result[name.toLowerCase()] = value;
    for (const { name, value } of add) {
      const before = result[name.toLowerCase()];
      result[name.toLowerCase()] = before === undefined ? value : `${before},${value}`;
    }
    for (const name of remove) delete result[name.toLowerCase()];
  }
  return result;
}
