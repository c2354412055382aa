import type { Application, Resource } from "../template/application.ts";
import type { JwtAuthorizer } from "./authorizer.ts";

/** A route of the HTTP API with the function behind it. */
export interface Route {
  /** As the template writes it: `GET /v1/deployments/{id}`. */
  key: string;
  method: string;
  segments: string[];
  function_arn: string;
  timeout_ms: number;
  /** null: open. */
  authorizer: JwtAuthorizer | null;
}

/** Key of the route that takes what no other does. */
export const defaultKey = "$default";

export interface Match {
  route: Route;
  parameters: Record<string, string>;
}

interface RouteProperties {
  ApiId: string;
  RouteKey: string;
  Target?: string;
  AuthorizationType?: string;
  AuthorizerId?: string;
  AuthorizationScopes?: string[];
}
interface IntegrationProperties {
  IntegrationType: string;
  IntegrationUri: string;
  PayloadFormatVersion?: string;
  TimeoutInMillis?: number;
}

/** Errors: a kind of integration or authorization that the local runtime does not carry out, by path. */
export function readRoutes(api: Resource, application: Application, authorizers: Map<string, JwtAuthorizer>): Route[] {
  const routes = application.ofType("AWS::ApiGatewayV2::Route").filter(({ properties }) => properties.ApiId === api.ref);
  return routes.map((resource) => {
    const { RouteKey, Target, AuthorizationType = "NONE", AuthorizerId } = resource.properties as unknown as RouteProperties;
    const [method = "ANY", path = "/"] = RouteKey === defaultKey ? ["ANY", "/"] : RouteKey.split(" ");
    const integration = readIntegration(resource, Target, application);
    return {
      key: RouteKey,
      method,
      segments: path.split("/").slice(1),
      function_arn: functionArn(integration.IntegrationUri),
      timeout_ms: integration.TimeoutInMillis ?? 30_000,
      authorizer: readAuthorizer(resource, AuthorizationType, AuthorizerId, authorizers),
    };
  });
}

function readIntegration(route: Resource, target: string | undefined, application: Application): IntegrationProperties {
  const id = target?.replace(/^integrations\//, "");
  const found = application.ofType("AWS::ApiGatewayV2::Integration").find(({ ref }) => ref === id);
  if (found === undefined) throw new Error(`${route.path} has the target ${target}, which is no integration of the template`);
  const properties = found.properties as unknown as IntegrationProperties;
  if (properties.IntegrationType !== "AWS_PROXY" || properties.PayloadFormatVersion !== "2.0") {
    throw new Error(`${found.path}: the local HTTP API carries out AWS_PROXY with payload 2.0 only, not ${properties.IntegrationType}`);
  }
  return properties;
}

/** The function's ARN, also out of `arn:…:lambda:path/2015-03-31/functions/<arn>/invocations`. */
export const functionArn = (uri: string): string => /functions\/(arn:[^/]+)\/invocations/.exec(uri)?.[1] ?? uri;

function readAuthorizer(
  route: Resource,
  type: string,
  id: string | undefined,
  authorizers: Map<string, JwtAuthorizer>,
): JwtAuthorizer | null {
  if (type === "NONE") return null;
  const authorizer = id === undefined ? undefined : authorizers.get(id);
  if (type !== "JWT" || authorizer === undefined)
    throw new Error(`${route.path}: the local HTTP API carries out JWT authorizers only, not ${type}`);
  return authorizer;
}

/**
 * The most specific route, as API Gateway chooses: fixed words before parameters before greedy ones, the method before
 * ANY, and `$default`, which has no parameters, when nothing else fits.
 */
export function matchRoute(routes: Route[], method: string, path: string): Match | undefined {
  const words = path.split("/").slice(1);
  const matches = routes.flatMap((route) => {
    if (route.key === defaultKey || (route.method !== "ANY" && route.method !== method)) return [];
    const parameters = matchPath(route.segments, words);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const [best] = matches.sort((a, b) => (specificity(a.route) < specificity(b.route) ? -1 : 1));
  const otherwise = routes.find(({ key }) => key === defaultKey);
  return best ?? (otherwise && { route: otherwise, parameters: {} });
}

/** Parameters of a path; `decoded` false leaves them as they stand in the URL, for an address that is passed on. */
export function matchPath(segments: string[], words: string[], decoded = true): Record<string, string> | undefined {
  const read = (word: string): string => (decoded ? decode(word) : word);
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(segment)?.[1];
    if (greedy !== undefined) {
      if (index >= words.length) return undefined;
      parameters[greedy] = words.slice(index).map(read).join("/");
      return parameters;
    }
    const word = words[index];
    if (word === undefined) return undefined;
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name === undefined && segment !== word) return undefined;
    if (name !== undefined && word === "") return undefined;
    if (name !== undefined) parameters[name] = read(word);
  }
  return segments.length === words.length ? parameters : undefined;
}

/** Sorts fixed words before parameters before greedy ones, and a method before ANY. */
export const specificity = (route: Pick<Route, "segments" | "method">): string =>
  route.segments.map((segment) => (segment.endsWith("+}") ? "2" : segment.startsWith("{") ? "1" : "0")).join("") +
  (route.method === "ANY" ? "1" : "0");

function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
