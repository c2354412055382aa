import type { Application, Resource } from "../template/application.ts";

/** A method of the REST API that passes requests on. */
export interface PassingMethod {
  /** `ANY` or one method. */
  method: string;
  /** Path segments as the template writes them: `endpoints`, `{id}`, `{path+}`. */
  segments: string[];
  /** URL with `{name}` where a path parameter goes. */
  uri: string;
  /** Parameter of the integration's path → parameter of the method's path. */
  path: Record<string, string>;
  /** Header to the integration (lower-case) → a fixed value, or null for one that is taken from the request by `from`. */
  headers: { name: string; value: string | null; from: string | null }[];
  timeout_ms: number;
}

interface MethodProperties {
  HttpMethod: string;
  ResourceId: string;
  AuthorizationType?: string;
  ApiKeyRequired?: boolean;
  Integration?: { Type: string; Uri?: string; RequestParameters?: Record<string, string>; TimeoutInMillis?: number };
}

/** Errors: an integration, authorization or parameter mapping that the local runtime does not carry out, by path. */
export function readMethods(application: Application): PassingMethod[] {
  return application.ofType("AWS::ApiGateway::Method").map((resource) => readMethod(resource, application));
}

function readMethod(resource: Resource, application: Application): PassingMethod {
  const {
    HttpMethod,
    ResourceId,
    AuthorizationType = "NONE",
    ApiKeyRequired,
    Integration,
  } = resource.properties as unknown as MethodProperties;
  if (AuthorizationType !== "NONE" || ApiKeyRequired)
    throw new Error(`${resource.path}: the local REST API carries out no authorization ${AuthorizationType}`);
  if (Integration?.Type !== "HTTP_PROXY" || Integration.Uri === undefined) {
    throw new Error(`${resource.path}: the local REST API carries out HTTP_PROXY only, not ${Integration?.Type}`);
  }
  const method: PassingMethod = {
    method: HttpMethod,
    segments: segmentsOf(ResourceId, application),
    uri: Integration.Uri,
    path: {},
    headers: [],
    timeout_ms: Integration.TimeoutInMillis ?? 29_000,
  };
  for (const [target, source] of Object.entries(Integration.RequestParameters ?? {})) addMapping(method, target, source, resource);
  return method;
}

function addMapping(method: PassingMethod, target: string, source: string, resource: Resource): void {
  const [, place, name = ""] = /^integration\.request\.(path|header)\.(.+)$/.exec(target) ?? [];
  const [, fixed] = /^'(.*)'$/.exec(source) ?? [];
  const [, sourcePlace, sourceName = ""] = /^method\.request\.(path|header)\.(.+)$/.exec(source) ?? [];
  if (place === "path" && sourcePlace === "path") method.path[name] = sourceName;
  else if (place === "header" && (fixed !== undefined || sourcePlace === "header")) {
    method.headers.push({
      name: name.toLowerCase(),
      value: fixed ?? null,
      from: sourcePlace === "header" ? sourceName.toLowerCase() : null,
    });
  } else throw new Error(`${resource.path}: the local REST API does not carry out the mapping ${target} = ${source}`);
}

function segmentsOf(resourceId: string, application: Application): string[] {
  const resource = application.ofType("AWS::ApiGateway::Resource").find(({ ref }) => ref === resourceId);
  if (resource === undefined) return [];
  return [...segmentsOf(String(resource.properties.ParentId), application), String(resource.properties.PathPart)];
}
