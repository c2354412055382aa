import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { problemDocument, problemMediaType } from "../../contract/problems.ts";
import { Problem } from "../../domain/errors.ts";
import { readBytes, readJson } from "./http-body.ts";
import { logger as functionLogger, type Log } from "./logger.ts";
import { asRequestFails } from "./passing-fault.ts";

/** A request as handlers see it: decoded, not yet validated. */
export interface HttpRequest {
  method: string;
  path: string;
  parameters: Record<string, string>;
  query: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The body byte for byte, as its sender may have signed it; empty when there was none. */
  bytes: Buffer;
  /** Parsed JSON, read only when it is asked for; undefined when there was no body. Errors: Problem, when it is no JSON. */
  readonly body: unknown;
  /** Claims of the token that the gateway's authorizer has verified; empty on a route without sign-in. */
  claims: Record<string, unknown>;
  requestId: string;
}

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; nothing is sent when undefined. */
  body?: unknown;
  /** Sent as it is, in place of a body. */
  text?: string;
}

export type HttpRoute = (request: HttpRequest) => Promise<HttpAnswer>;
/** What is said to a method and path that are no route. */
export type Unknown = (method: string, path: string) => Problem;

/**
 * Routes of one function by the gateway's route key (`GET /v1/deployments/{id}`). A `Problem` becomes its document; a
 * service of AWS that is overloaded or silent is answered as `service-unavailable`. Any other error is logged whole and
 * answered as `internal`, saying nothing about our insides.
 */
export function httpHandler(routes: Readonly<Record<string, HttpRoute>>, log: Log = functionLogger, unknown: Unknown = noRoute) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .before(({ event, context }) => {
      log.resetKeys();
      log.appendKeys({ function: context.functionName, request_id: event.requestContext.requestId, route: event.routeKey });
    })
    .onError((request) => {
      const { requestId, http } = request.event.requestContext;
      request.response = refuse(request.error, http.method, requestId, log);
    })
    .handler(async (event: APIGatewayProxyEventV2, _context: Context) => {
      const route = routes[event.routeKey];
      if (!route) throw unknown(event.requestContext.http.method, event.rawPath);
      return answer(await route(readRequest(event)));
    });
}

const noRoute: Unknown = (method, path) =>
  new Problem("not-found", `there is no ${method} ${path}. GET /v1/openapi.json lists what there is`);

function readRequest(event: APIGatewayProxyEventV2): HttpRequest {
  const { authorizer } = event.requestContext as { authorizer?: { jwt?: { claims?: Record<string, unknown> } } };
  const headers = texts(event.headers);
  const bytes = readBytes(event);
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    parameters: texts(event.pathParameters),
    query: texts(event.queryStringParameters),
    headers,
    bytes,
    get body() {
      return readJson(bytes, headers["content-type"]);
    },
    claims: authorizer?.jwt?.claims ?? {},
    requestId: event.requestContext.requestId,
  };
}

function texts(given: Record<string, string | undefined> | undefined): Record<string, string> {
  const present = Object.entries(given ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(present);
}

/** Answers are a person's own view of the moment: nobody in between may keep one. */
const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function answer({ status, headers, body, text }: HttpAnswer): APIGatewayProxyStructuredResultV2 {
  if (text !== undefined)
    return { statusCode: status, headers: { "content-type": "text/plain; charset=utf-8", ...common, ...headers }, body: text };
  if (body === undefined) return { statusCode: status, headers: { ...common, ...headers } };
  return { statusCode: status, headers: { "content-type": "application/json", ...common, ...headers }, body: JSON.stringify(body) };
}

function refuse(error: unknown, method: string, requestId: string, log: Log): APIGatewayProxyStructuredResultV2 {
  const problem = error instanceof Problem ? error : unexpected(error, method, log);
  if (error instanceof Problem) log.info("refused", { code: problem.code, detail: problem.message });
  const document = problemDocument(problem, requestId);
  const wait = problem.members.retry_after_seconds ?? (document.status === 503 ? unavailableSeconds : undefined);
  const headers = { "content-type": problemMediaType, ...common, ...(typeof wait === "number" && { "retry-after": String(wait) }) };
  return { statusCode: document.status, headers, body: JSON.stringify(document) };
}

/** After that much it is worth asking again who could not answer: a partition's throttling, or a failover, is mostly over. */
const unavailableSeconds = 5;

function unexpected(error: unknown, method: string, log: Log): Problem {
  const passing = asRequestFails(error, method);
  log.error(passing ? "a service did not do what the request needs" : "request failed unexpectedly", error as Error);
  if (passing) return passing;
  return new Problem(
    "internal",
    "the request could not be finished. Try again; if it stays, give the request_id to whoever runs this installation",
  );
}
