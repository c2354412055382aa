import type { Application } from "../template/application.ts";
import { extendedRequestId, type Source } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import { readSource } from "./sources.ts";

interface Standard {
  status: number;
  /** In the header `x-amzn-errortype`. */
  error: string;
}

/** What API Gateway answers itself, by the names of its documentation. */
const standards = {
  ACCESS_DENIED: { status: 403, error: "AccessDeniedException" },
  API_CONFIGURATION_ERROR: { status: 500, error: "ApiConfigurationException" },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, error: "AuthorizerConfigurationException" },
  AUTHORIZER_FAILURE: { status: 500, error: "AuthorizerFailureException" },
  BAD_REQUEST_BODY: { status: 400, error: "BadRequestException" },
  BAD_REQUEST_PARAMETERS: { status: 400, error: "BadRequestException" },
  EXPIRED_TOKEN: { status: 403, error: "ExpiredTokenException" },
  INTEGRATION_FAILURE: { status: 504, error: "InternalServerErrorException" },
  INTEGRATION_TIMEOUT: { status: 504, error: "InternalServerErrorException" },
  INVALID_API_KEY: { status: 403, error: "ForbiddenException" },
  INVALID_SIGNATURE: { status: 403, error: "InvalidSignatureException" },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, error: "MissingAuthenticationTokenException" },
  QUOTA_EXCEEDED: { status: 429, error: "LimitExceededException" },
  REQUEST_TOO_LARGE: { status: 413, error: "RequestTooLargeException" },
  RESOURCE_NOT_FOUND: { status: 404, error: "NotFoundException" },
  THROTTLED: { status: 429, error: "TooManyRequestsException" },
  UNAUTHORIZED: { status: 401, error: "UnauthorizedException" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, error: "UnsupportedMediaTypeException" },
  WAF_FILTERED: { status: 403, error: "ForbiddenException" },
} satisfies Record<string, Standard>;

export type ResponseType = keyof typeof standards;

/** That API Gateway answers itself, and what it says; null where it says nothing. */
export interface Refusal {
  type: ResponseType;
  message: string | null;
}

/** A refusal as an API has it: what is not customized is the standard. */
interface Custom {
  status: number | undefined;
  headers: { name: string; source: Source }[];
  bodies: { content_type: string; render: (exchange: Exchange) => string }[];
}

interface GatewayResponseProperties {
  ResponseType: string;
  StatusCode?: string;
  ResponseParameters?: Record<string, string>;
  ResponseTemplates?: Record<string, string>;
}

/** The answers that API Gateway gives without asking an integration, as the template customizes them. */
export class GatewayResponses {
  private readonly custom = new Map<string, Custom>();

  /** Errors: a type that is none, or a parameter that is not carried out, by path. */
  constructor(application: Application) {
    for (const { path, properties } of application.ofType("AWS::ApiGateway::GatewayResponse")) {
      const given = properties as unknown as GatewayResponseProperties;
      if (!Object.hasOwn(standards, given.ResponseType) && !/^DEFAULT_[45]XX$/.test(given.ResponseType))
        throw new Error(`${path}: ${given.ResponseType} is no type of a gateway response`);
      this.custom.set(given.ResponseType, readCustom(given, path));
    }
  }

  refuse(exchange: Exchange, refusal: Refusal): void {
    exchange.refusal = refusal;
    const { response, request, request_id } = exchange;
    const standard: Standard = standards[refusal.type];
    const general = this.custom.get(standard.status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
    const custom = this.custom.get(refusal.type) ?? general;
    const { content_type, render } = chosen(custom?.bodies ?? [], request.headers.accept);
    const headers: Record<string, string | number> = {
      ...{ "content-type": content_type, "x-amzn-requestid": request_id, "x-amz-apigw-id": extendedRequestId(exchange) },
      "x-amzn-errortype": standard.error,
    };
    for (const { name, source } of custom?.headers ?? []) headers[name] = source(exchange) ?? "";
    const body = Buffer.from(render(exchange));
    exchange.body_bytes = body.length;
    response.writeHead(custom?.status ?? standard.status, { ...headers, "content-length": body.length });
    response.end(body);
  }
}

function readCustom({ StatusCode, ResponseParameters = {}, ResponseTemplates = {} }: GatewayResponseProperties, path: string): Custom {
  const headers = Object.entries(ResponseParameters).map(([target, expression]) => {
    const name = /^gatewayresponse\.header\.(.+)$/.exec(target)?.[1];
    const source = readSource(expression);
    if (name === undefined || source === undefined)
      throw new Error(`${path}: the local REST API does not carry out the mapping ${target} = ${expression}`);
    return { name: name.toLowerCase(), source };
  });
  const bodies = Object.entries(ResponseTemplates).map(([content_type, template]) => ({ content_type, render: readTemplate(template) }));
  return { status: StatusCode === undefined ? undefined : Number(StatusCode), headers, bodies };
}

/** `$context.x`, `${context.x}`, `$stageVariables.x` or `$method.request.header.x`. */
const reference = /(\$\{[\w.-]+\}|\$(?:context|stageVariables)(?:\.\w+)+|\$method\.request\.\w+\.[\w-]+)/;

const standardBody = { content_type: "application/json", render: readTemplate('{"message":$context.error.messageString}') };

/** The first that the caller would take, else JSON, else whatever there is. */
function chosen(bodies: Custom["bodies"], accept = ""): Custom["bodies"][number] {
  const wanted = accept.split(",").map((type) => type.split(";")[0]?.trim().toLowerCase());
  const ofType = (type: string | undefined) => bodies.find(({ content_type }) => content_type.toLowerCase() === type);
  return wanted.map(ofType).find((body) => body !== undefined) ?? ofType("application/json") ?? bodies[0] ?? standardBody;
}

/** Plain replacement of variables, as API Gateway documents it for these templates: no language of templates. */
function readTemplate(template: string): (exchange: Exchange) => string {
  const parts = template.split(reference).map((part, index): Source => {
    const source = index % 2 === 0 ? undefined : readSource(part.replaceAll(/[${}]/g, ""));
    return source ?? (() => part);
  });
  return (exchange) => parts.map((part) => part(exchange) ?? "").join("");
}
