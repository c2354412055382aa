import { contextVariable, type Source } from "./context.ts";
import type { Exchange } from "./exchange.ts";

/** What a mapping takes a value from: `'fixed'`, `method.request.…`, `context.…` or `stageVariables.…`; undefined when it is none of them. */
export function readSource(expression: string): Source | undefined {
  const [, fixed] = /^'(.*)'$/s.exec(expression) ?? [];
  if (fixed !== undefined) return () => fixed;
  const [, origin, name = ""] = /^(context|stageVariables|method\.request)\.(.+)$/.exec(expression) ?? [];
  if (origin === "context") return contextVariable(name);
  if (origin === "stageVariables") return ({ stage }) => stage.variables[name];
  return origin === undefined ? undefined : requestSource(name);
}

function requestSource(parameter: string): Source | undefined {
  const [, place, name = ""] = /^(path|header|querystring|multivalueheader|multivaluequerystring)\.(.+)$/.exec(parameter) ?? [];
  if (place === "path") return ({ parameters }) => parameters[name];
  if (place === "header" || place === "multivalueheader") return headerSource(name.toLowerCase());
  if (place === "querystring") return (exchange) => queryValues(exchange, name).at(-1);
  return place === undefined ? undefined : (exchange) => queryValues(exchange, name).join(",") || undefined;
}

const headerSource =
  (name: string): Source =>
  ({ request }) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  };

const queryValues = ({ query }: Exchange, name: string): string[] => (query === undefined ? [] : new URLSearchParams(query).getAll(name));
