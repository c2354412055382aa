import { specificity } from "../http-api/routes.ts";
import type { Application, Resource } from "../template/application.ts";
import type { LambdaAuthorizer } from "./authorizer.ts";
import type { Source } from "./context.ts";
import { readSource } from "./sources.ts";
import type { Stage } from "./stage.ts";

/** A method of the REST API that passes requests on. */
export interface PassingMethod {
  /** `ANY` or one method. */
  method: string;
  /** Path segments as the template writes them: `endpoints`, `{id}`, `{path+}`. */
  segments: string[];
  resource_id: string;
  resource_path: string;
  /** null: open. */
  authorizer: LambdaAuthorizer | null;
  /** `name`: what stands in the header Host. */
  target: { host: string; port: string; name: string };
  /** What the target's path is put together from. */
  path: (string | Source)[];
  /** Headers that the integration is given, with lower-case names. */
  headers: { name: string; source: Source }[];
  timeout_ms: number;
  transfer_mode: "STREAMED" | "BUFFERED";
}

interface Integration {
  Type: string;
  Uri?: string;
  RequestParameters?: Record<string, string>;
  TimeoutInMillis?: number;
  ResponseTransferMode?: string;
}
interface MethodProperties {
  HttpMethod: string;
  ResourceId: string;
  AuthorizationType?: string;
  AuthorizerId?: string;
  ApiKeyRequired?: boolean;
  Integration?: Integration;
}

interface Surroundings {
  stage: Stage;
  authorizers: Map<string, LambdaAuthorizer>;
  /** Address that stands in the template for the cluster's gateway, and where that gateway is here. */
  gateway: { placeholder: string; url: string };
}

/**
 * The most specific one first, as API Gateway chooses.
 * Errors: an integration, authorization or parameter mapping that the local runtime does not carry out, by path.
 */
export function readMethods(application: Application, surroundings: Surroundings): PassingMethod[] {
  const methods = application.ofType("AWS::ApiGateway::Method").map((resource) => readMethod(resource, application, surroundings));
  return methods.sort((a, b) => specificity(a).localeCompare(specificity(b)));
}

function readMethod(resource: Resource, application: Application, { stage, authorizers, gateway }: Surroundings): PassingMethod {
  const given = resource.properties as unknown as MethodProperties;
  const { HttpMethod, ResourceId, Integration: integration } = given;
  if (integration?.Type !== "HTTP_PROXY" || integration.Uri === undefined) {
    throw new Error(`${resource.path}: the local REST API carries out HTTP_PROXY only, not ${integration?.Type}`);
  }
  const segments = segmentsOf(ResourceId, application);
  return {
    method: HttpMethod,
    segments,
    resource_id: ResourceId,
    resource_path: `/${segments.join("/")}`,
    authorizer: authorizerOf(given, resource, authorizers),
    ...addressOf(integration, resource, stage, gateway),
    headers: headersOf(integration, resource),
    timeout_ms: integration.TimeoutInMillis ?? 29_000,
    transfer_mode: integration.ResponseTransferMode === "STREAM" ? "STREAMED" : "BUFFERED",
  };
}

function authorizerOf(
  { AuthorizationType = "NONE", AuthorizerId = "", ApiKeyRequired }: MethodProperties,
  resource: Resource,
  authorizers: Map<string, LambdaAuthorizer>,
): LambdaAuthorizer | null {
  if (ApiKeyRequired) throw new Error(`${resource.path}: the local REST API knows no API keys`);
  if (AuthorizationType === "NONE") return null;
  const authorizer = authorizers.get(AuthorizerId);
  if (AuthorizationType === "CUSTOM" && authorizer !== undefined) return authorizer;
  throw new Error(`${resource.path}: the local REST API carries out Lambda authorizers only, not ${AuthorizationType} ${AuthorizerId}`);
}

function addressOf(
  { Uri = "", RequestParameters = {} }: Integration,
  resource: Resource,
  { variables }: Stage,
  gateway: Surroundings["gateway"],
): Pick<PassingMethod, "target" | "path"> {
  const uri = Uri.replace(gateway.placeholder, gateway.url).replaceAll(
    /\$\{stageVariables\.(\w+)\}/g,
    (whole, name: string) => variables[name] ?? whole,
  );
  const [, host, port = "80", path = "/"] = /^http:\/\/([^/:]+)(?::(\d+))?(\/.*)?$/.exec(uri) ?? [];
  if (host === undefined) throw new Error(`${resource.path}: the local REST API passes requests on to http://, not to ${uri}`);
  const parts = path.split(/\{([^}]+)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    const expression = RequestParameters[`integration.request.path.${part}`];
    return expression === undefined ? `{${part}}` : pathSource(expression, `integration.request.path.${part}`, resource);
  });
  return { target: { host, port, name: `${host}:${port}` }, path: parts };
}

/** A part of the request's path goes on as it was sent; anything else is made fit for a path. */
function pathSource(expression: string, target: string, resource: Resource): Source {
  const source = requireSource(target, expression, resource);
  if (expression.startsWith("method.request.path.")) return source;
  return (exchange) => encodeURIComponent(source(exchange) ?? "");
}

function headersOf({ RequestParameters = {} }: Integration, resource: Resource): PassingMethod["headers"] {
  return Object.entries(RequestParameters).flatMap(([target, expression]) => {
    const [, place, name = ""] = /^integration\.request\.(path|header)\.(.+)$/.exec(target) ?? [];
    const source = requireSource(target, expression, resource);
    if (place === undefined) throw unknownMapping(target, expression, resource);
    return place === "path" ? [] : [{ name: name.toLowerCase(), source }];
  });
}

function requireSource(target: string, expression: string, resource: Resource): Source {
  const source = readSource(expression);
  if (source === undefined) throw unknownMapping(target, expression, resource);
  return source;
}

const unknownMapping = (target: string, expression: string, { path }: Resource): Error =>
  new Error(`${path}: the local REST API does not carry out the mapping ${target} = ${expression}`);

function segmentsOf(resourceId: string, application: Application): string[] {
  const resource = application.ofType("AWS::ApiGateway::Resource").find(({ ref }) => ref === resourceId);
  if (resource === undefined) return [];
  return [...segmentsOf(String(resource.properties.ParentId), application), String(resource.properties.PathPart)];
}
