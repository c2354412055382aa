import { account } from "../template/place.ts";
import type { Exchange } from "./exchange.ts";

/** Tells something of an exchange; undefined where there is nothing to tell. */
export type Source = (exchange: Exchange) => string | undefined;

export type Value = string | number | null | undefined;

/** By the names of API Gateway's documentation; what is not here has no value on this machine. */
const variables: Record<string, (exchange: Exchange) => Value> = {
  accountId: () => account,
  apiId: ({ stage }) => stage.api_id,
  "authorizer.error": ({ authorizer_call }) => authorizer_call?.error,
  "authorizer.integrationLatency": ({ authorizer_call }) => authorizer_call?.milliseconds,
  "authorizer.integrationStatus": ({ authorizer_call }) => authorizer_call?.status,
  "authorizer.latency": ({ authorizer_call }) => authorizer_call?.milliseconds,
  "authorizer.status": ({ authorizer_call }) => authorizer_call?.status,
  domainName: ({ request }) => request.headers.host,
  domainPrefix: ({ request }) => request.headers.host?.split(/[.:]/)[0],
  "error.message": ({ refusal }) => refusal?.message,
  "error.messageString": ({ refusal }) => (refusal === null ? undefined : JSON.stringify(refusal.message)),
  "error.responseType": ({ refusal }) => refusal?.type,
  extendedRequestId: (exchange) => extendedRequestId(exchange),
  httpMethod: ({ request }) => request.method,
  "identity.sourceIp": ({ source_ip }) => source_ip,
  "identity.userAgent": ({ request }) => request.headers["user-agent"],
  "integration.integrationStatus": ({ integration }) => integration?.status,
  "integration.latency": ({ integration }) => integration?.milliseconds,
  "integration.responseTransferMode": ({ method, integration }) => (integration === null ? undefined : method?.transfer_mode),
  "integration.status": ({ integration }) => integration?.status,
  "integration.timeToAllHeaders": ({ integration }) => integration?.headers_after_ms,
  "integration.timeToFirstContent": ({ integration }) => integration?.content_after_ms,
  integrationLatency: ({ integration }) => integration?.milliseconds,
  integrationStatus: ({ integration }) => integration?.status,
  path: ({ path }) => path,
  protocol: ({ request }) => `HTTP/${request.httpVersion}`,
  requestId: ({ request_id }) => request_id,
  requestTime: ({ at }) => requestTime(at),
  requestTimeEpoch: ({ at }) => at,
  resourceId: ({ method }) => method?.resource_id,
  resourcePath: ({ method }) => method?.resource_path,
  responseLatency: ({ milliseconds }) => milliseconds,
  responseLength: ({ body_bytes }) => body_bytes,
  stage: ({ stage }) => stage.name,
  status: ({ response }) => (response.headersSent ? response.statusCode : undefined),
};

/** A variable of `$context`, named without that word. */
export function contextVariable(name: string): Source {
  const value = contextValue(name);
  return (exchange) => text(value(exchange));
}

/** The same, numbers as such. */
export function contextValue(name: string): (exchange: Exchange) => Value {
  const known = variables[name];
  if (known !== undefined) return known;
  const said = /^authorizer\.(.+)$/.exec(name)?.[1];
  return said === undefined ? () => undefined : ({ authorizer }) => authorizer[said];
}

/** API Gateway's other name of a request. */
export const extendedRequestId = ({ request_id }: Exchange): string => `${request_id.slice(24)}=`;

/** As the Common Log Format writes it: `22/Nov/2026:06:13:36 +0000`. */
export function requestTime(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== last.second) last = { second, text: writtenOut(at) };
  return last.text;
}

/** Many requests come within a second. */
let last = { second: -1, text: "" };

function writtenOut(at: number): string {
  const [, day, month, year, time] = new Date(at).toUTCString().split(" ");
  return `${day}/${month}/${year}:${time} +0000`;
}

const text = (value: Value): string | undefined => (value === undefined || value === null ? undefined : String(value));
