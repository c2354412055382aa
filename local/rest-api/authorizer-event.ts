import type { IncomingMessage } from "node:http";
import { account, arn } from "../template/place.ts";
import { extendedRequestId, requestTime } from "./context.ts";
import type { Exchange } from "./exchange.ts";

/** What is called, as a policy names it. */
export const methodArn = ({ stage, request, path }: Exchange): string =>
  arn("execute-api", `${stage.api_id}/${stage.name}/${request.method}/${path.replace(/^\//, "")}`);

export const tokenEvent = (authorizationToken: string, resource: string): object => ({
  type: "TOKEN",
  methodArn: resource,
  authorizationToken,
});

/** The event of a REST API's authorizer of type REQUEST. */
export function requestEvent(exchange: Exchange, resource: string): object {
  const { request, method, path, parameters, stage } = exchange;
  const headers = multiple(headerPairs(exchange));
  const query = multiple([...new URLSearchParams(exchange.query)]);
  return {
    type: "REQUEST",
    methodArn: resource,
    resource: method?.resource_path,
    path,
    httpMethod: request.method,
    headers: last(headers),
    multiValueHeaders: headers,
    queryStringParameters: last(query),
    multiValueQueryStringParameters: query,
    pathParameters: parameters,
    stageVariables: stage.variables,
    requestContext: requestContext(exchange),
  };
}

function requestContext(exchange: Exchange): object {
  const { request, method, path, stage, at, source_ip } = exchange;
  const host = request.headers.host ?? "127.0.0.1";
  return {
    resourceId: method?.resource_id,
    resourcePath: method?.resource_path,
    httpMethod: request.method,
    extendedRequestId: extendedRequestId(exchange),
    requestTime: requestTime(at),
    path,
    accountId: account,
    protocol: `HTTP/${request.httpVersion}`,
    stage: stage.name,
    domainPrefix: host.split(/[.:]/)[0],
    requestTimeEpoch: at,
    requestId: exchange.request_id,
    identity: { ...nobody, sourceIp: source_ip, userAgent: request.headers["user-agent"] ?? null },
    domainName: host,
    apiId: stage.api_id,
  };
}

/** What API Gateway knows only of callers who sign with keys of AWS. */
const nobody = {
  cognitoIdentityPoolId: null,
  accountId: null,
  cognitoIdentityId: null,
  caller: null,
  principalOrgId: null,
  accessKey: null,
  cognitoAuthenticationType: null,
  cognitoAuthenticationProvider: null,
  userArn: null,
  user: null,
};

type Pairs = [string, string][];

/** As they were sent, and what API Gateway adds. */
function headerPairs({ request, source_ip }: Exchange): Pairs {
  const { rawHeaders, headers } = request;
  const sent: Pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""]] : []));
  const via = forwardedFor(headers["x-forwarded-for"], source_ip);
  const own: Pairs = [
    ["X-Forwarded-For", via],
    ["X-Forwarded-Port", String(request.socket.localPort ?? "")],
    ["X-Forwarded-Proto", "http"],
  ];
  return [...sent.filter(([name]) => !/^x-forwarded-(for|port|proto)$/i.test(name)), ...own];
}

/** Who has asked, after whom they say that they ask for. */
export const forwardedFor = (given: IncomingMessage["headers"][string], ip: string): string => [given, ip].filter(Boolean).join(", ");

function multiple(pairs: Pairs): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    found[name] ??= [];
    found[name].push(value);
  }
  return found;
}

const last = (found: Record<string, string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values.at(-1) ?? ""]));
