import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

export interface Ask {
  /** `GET /v1/deployments/{id}`, as the gateway names the route. */
  route: string;
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON with its content type, unless it is text already. */
  body?: unknown;
  claims?: Record<string, unknown>;
  base64?: boolean;
}

/** A request as API Gateway's HTTP API (payload 2.0) hands it to a function. */
export function httpEvent({ route, parameters = {}, query, headers = {}, body, claims, base64 = false }: Ask): APIGatewayProxyEventV2 {
  const [method = "", template = ""] = route.split(" ");
  const rawPath = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return {
    version: "2.0",
    routeKey: route,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(query && { queryStringParameters: query }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    ...(text !== undefined && { body: base64 ? Buffer.from(text).toString("base64") : text }),
    isBase64Encoded: base64,
    requestContext: {
      accountId: "000000000000",
      apiId: "api",
      domainName: "localhost",
      domainPrefix: "api",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      requestId: "request-1",
      routeKey: route,
      stage: "$default",
      time: "21/Nov/2026:09:12:03 +0000",
      timeEpoch: 1795252323120,
      ...(claims && { authorizer: { jwt: { claims, scopes: null } } }),
    } as APIGatewayProxyEventV2["requestContext"],
  };
}

export const lambdaContext = {
  functionName: "test",
  awsRequestId: "aws-1",
  getRemainingTimeInMillis: () => 29_000,
} as unknown as Context;

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Sends a request through a handler as the gateway would. */
export async function send(handler: unknown, ask: Ask) {
  const answer = await (handler as Handler)(httpEvent(ask), lambdaContext);
  const headers = (answer.headers ?? {}) as Record<string, string>;
  const isText = headers["content-type"]?.startsWith("text/plain");
  return {
    status: answer.statusCode,
    headers,
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    body: (answer.body === undefined || isText ? answer.body : JSON.parse(answer.body)) as any,
  };
}
