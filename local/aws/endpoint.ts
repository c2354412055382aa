import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizeCall } from "../iam/authorize.ts";
import type { TableKeys } from "../iam/requirements/dynamodb.ts";
import type { Roles } from "../iam/roles.ts";
import { cborHeaders } from "./cbor.ts";
import type { Credentials } from "./credentials.ts";
import { AwsError } from "./error.ts";
import { type Protocol, renderError } from "./render.ts";
import type { AwsAnswer, AwsCall, AwsService } from "./service.ts";
import { readSignature } from "./signature.ts";

export interface EndpointOptions {
  credentials: Credentials;
  roles: Roles;
  tableKeys: TableKeys;
  /** By the service's name in the credential scope. */
  services: Record<string, AwsService>;
  /** Told of each call that a role does not allow: a missing grant should be seen where the system was started. */
  onDenied(message: string): void;
  /** Told of each call that has been answered. */
  onCall?: ((call: CallRecord) => void) | undefined;
}

export interface CallRecord {
  /** Name of the function, or `person`. */
  caller: string;
  service: string;
  /** Of protocols without one: method and path. */
  action: string;
  status: number;
  milliseconds: number;
  read_units?: number;
  write_units?: number;
}

const mostBytes = 1_100_000_000;

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The one endpoint of all local AWS services: who signed → may they → the service. */
export function awsEndpoint(options: EndpointOptions): HttpHandler {
  return async (request, response) => {
    const began = performance.now();
    const url = new URL(request.url ?? "/", "http://local");
    const body = await readBody(request);
    let call: AwsCall | undefined;
    let answered: AwsAnswer;
    try {
      call = identify(request, url, body, options.credentials);
      answered = await answer(call, options);
    } catch (error) {
      answered = renderError(call?.service ?? presignedFor(url.searchParams), asAwsError(error), protocolOf(request));
      if (isDenial(error)) options.onDenied(error.message);
    }
    if (call !== undefined) options.onCall?.({ ...describe(call, answered, options.credentials), milliseconds: performance.now() - began });
    send(response, answered, request.method);
  };
}

function describe(call: AwsCall, { status, units }: AwsAnswer, credentials: Credentials): Omit<CallRecord, "milliseconds"> {
  return {
    caller: credentials.find(call.principal.access_key_id)?.session ?? "person",
    service: call.service,
    action: call.action ?? `${call.method} ${call.path}`,
    status,
    ...(units == null ? {} : { read_units: units.read, write_units: units.write }),
  };
}

async function answer(call: AwsCall, { credentials, roles, tableKeys, services }: EndpointOptions): Promise<AwsAnswer> {
  const service = services[call.service];
  if (service === undefined) {
    throw new AwsError(
      "UnknownOperationException",
      `There is no local ${call.service}; there are ${Object.keys(services).sort().join(", ")}`,
    );
  }
  authorizeCall(call, credentials.find(call.principal.access_key_id)?.session ?? "person", roles, tableKeys);
  return service.handle(call);
}

function identify(request: IncomingMessage, url: URL, body: Buffer, credentials: Credentials): AwsCall {
  const signed = readSignature(request.headers, url.searchParams, Date.now());
  const issued = credentials.find(signed.access_key_id);
  if (issued !== undefined && issued.session_token !== signed.session_token) {
    throw new AwsError("UnrecognizedClientException", "The security token included in the request is invalid", 403);
  }
  const target = request.headers["x-amz-target"];
  return {
    service: signed.service,
    action: target === undefined ? null : (String(target).split(".").at(-1) ?? null),
    method: request.method ?? "GET",
    // As it was sent: a URL takes `..` for the way up, which may be a part of an object's name.
    path: (request.url ?? "/").replace(/\?.*$/s, "").replace(/^\/aws(?=\/|$)/, "") || "/",
    query: url.searchParams,
    headers: request.headers,
    body,
    principal: { role_arn: issued?.role_arn ?? null, access_key_id: signed.access_key_id },
  };
}

/** Of what is longer than any service takes, the rest is left out: its length is in the headers, and it is refused by that. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= mostBytes) chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers = {}, body = "" }: AwsAnswer, method = "GET"): void {
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const bytes = isRaw ? Buffer.from(body as string) : Buffer.from(JSON.stringify(body));
  const id = randomUUID();
  response.writeHead(status, {
    ...(isRaw ? {} : { "content-type": "application/x-amz-json-1.0" }),
    // S3 has a name of its own for it.
    ...{ "x-amzn-requestid": id, "x-amz-request-id": id },
    ...(method === "HEAD" ? {} : { "content-length": String(bytes.length) }),
    ...headers,
  });
  response.end(method === "HEAD" ? undefined : bytes);
}

/** Whoever opens a link that has ended reads what its service says. */
function presignedFor(query: URLSearchParams): string {
  if (query.has("AWSAccessKeyId")) return "s3";
  return /\/(\w+)\/aws4_request$/.exec(query.get("X-Amz-Credential") ?? "")?.[1] ?? "unknown";
}

function protocolOf({ headers }: IncomingMessage): Protocol {
  if (headers["smithy-protocol"] === cborHeaders["smithy-protocol"]) return "cbor";
  return headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ? "form" : "other";
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SyntaxError) return new AwsError("SerializationException", `The body is not JSON: ${error.message}`);
  // A fault of the local service itself: the client retries it as it would a fault of AWS, and the cause is on the screen.
  console.error("A local AWS service failed:", error);
  return new AwsError("InternalFailure", error instanceof Error ? error.message : String(error), 500);
}

const isDenial = (error: unknown): error is AwsError => error instanceof AwsError && error.code.startsWith("AccessDenied");
