import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../aws/error.ts";
import type { InvocationResult } from "../aws/service.ts";
import type { Permissions } from "../iam/permissions.ts";
import type { Application, Resource } from "../template/application.ts";
import { arn } from "../template/place.ts";
import { readAuthorizers } from "./authorizer.ts";
import { proxyEvent } from "./event.ts";
import { defaultKey, type Match, matchRoute, type Route, readRoutes } from "./routes.ts";

export interface HttpApiOptions {
  application: Application;
  permissions: Permissions;
  invoke(functionArn: string, payload: unknown): Promise<InvocationResult>;
}

/** API Gateway's own limit on a request. */
const longestBody = 10 * 1024 * 1024;

/** Serves the HTTP API of the template. Errors at start: a route whose function does not let API Gateway call it. */
export function startHttpApi({ application, permissions, invoke }: HttpApiOptions) {
  const routes = application.ofType("AWS::ApiGatewayV2::Api").flatMap((api) => {
    const read = readRoutes(api, application, readAuthorizers(api, application));
    for (const route of read)
      permissions.require(route.function_arn, "apigateway.amazonaws.com", sourceArn(api, route), `the route ${route.key}`);
    return read;
  });
  return {
    routes,
    handle: async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const requestId = randomUUID();
      // Every answer has it: to a request that API Gateway refuses itself, it is the only name of that request.
      response.setHeader("apigw-requestid", requestId);
      // Not relative to a base: two slashes at the beginning of a path would be read as a host.
      const url = URL.parse(`http://local${request.url}`);
      if (url === null) return refuse(response, 400, "Bad Request");
      const match = matchRoute(routes, request.method ?? "GET", url.pathname);
      if (match === undefined) return refuse(response, 404, "Not Found");
      const claims = match.route.authorizer === null ? null : await match.route.authorizer.verify(request.headers.authorization);
      if (typeof claims === "string") return refuse(response, 401, "Unauthorized", { "www-authenticate": claims });
      const body = await readLimited(request);
      if (body === undefined) return refuse(response, 413, "Request Entity Too Large");
      await answer(response, match, proxyEvent(request, url, body, match, claims, requestId), invoke);
    },
  };
}

function sourceArn(api: Resource, route: Route): string {
  if (route.key === defaultKey) return arn("execute-api", `${api.ref}/$default/${defaultKey}`);
  return arn("execute-api", `${api.ref}/$default/${route.method === "ANY" ? "*" : route.method}/${route.segments.join("/")}`);
}

async function answer(response: ServerResponse, { route }: Match, event: object, invoke: HttpApiOptions["invoke"]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<"too late">((resolve) => {
    timer = setTimeout(() => resolve("too late"), route.timeout_ms);
  });
  try {
    const result = await Promise.race([invoke(route.function_arn, event), tooLate]);
    if (result === "too late") return refuse(response, 503, "Service Unavailable");
    if (result.function_error !== null) return refuse(response, 500, "Internal Server Error");
    sendResult(response, result.payload);
  } catch (error) {
    if (error instanceof AwsError && error.status === 429) return refuse(response, 503, "Service Unavailable");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

interface ProxyResult {
  statusCode?: number;
  headers?: Record<string, string | number | boolean>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

/** A result without a status code is itself the body, as payload format 2.0 has it. */
function sendResult(response: ServerResponse, payload: unknown): void {
  const given = payload as ProxyResult | null;
  const result: ProxyResult =
    typeof given === "object" && given !== null && given.statusCode !== undefined
      ? given
      : {
          statusCode: 200,
          headers: { "content-type": "application/json" },
          body: typeof payload === "string" ? payload : JSON.stringify(payload),
        };
  const headers: Record<string, string | string[]> = { "content-type": "text/plain; charset=utf-8" };
  for (const [name, value] of Object.entries(result.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (result.cookies !== undefined) headers["set-cookie"] = result.cookies;
  const body = Buffer.from(result.body ?? "", result.isBase64Encoded ? "base64" : "utf8");
  headers["content-length"] = String(body.length);
  response.writeHead(result.statusCode ?? 200, headers);
  response.end(body);
}

async function readLimited(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= longestBody) chunks.push(chunk as Buffer);
  }
  return size > longestBody ? undefined : Buffer.concat(chunks);
}

/** API Gateway's own answers: an HTTP API offers no way to change their body. */
function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ message }));
}
