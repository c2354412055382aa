import type { IncomingMessage } from "node:http";
import { account } from "../template/place.ts";
import type { Claims } from "./authorizer.ts";
import type { Match } from "./routes.ts";

/** The event of payload format 2.0. */
export function proxyEvent(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  match: Match,
  claims: Claims | null,
  requestId: string,
): object {
  const now = new Date();
  const isText = isTextual(request.headers["content-type"]);
  const { cookie, ...headers } = request.headers;
  return {
    version: "2.0",
    routeKey: match.route.key,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split("; ") }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...queryParameters(url),
    requestContext: {
      accountId: account,
      apiId: "local",
      ...(claims === null ? {} : { authorizer: { jwt: claims } }),
      domainName: request.headers.host ?? "127.0.0.1",
      domainPrefix: "127",
      http: {
        method: request.method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: match.route.key,
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(match.parameters).length === 0 ? {} : { pathParameters: match.parameters }),
    ...(body.length === 0 ? {} : { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Values of a name that comes more than once are joined by commas. */
function queryParameters(url: URL): { queryStringParameters?: Record<string, string> } {
  const names = [...new Set(url.searchParams.keys())];
  if (names.length === 0) return {};
  return { queryStringParameters: Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name).join(",")])) };
}

const isTextual = (type: string | undefined): boolean =>
  type === undefined || /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml))|application\/x-www-form-urlencoded)/.test(type);
