import type { IncomingMessage, ServerResponse } from "node:http";
import { reviewAccess, reviewAccessOf } from "./access-review.ts";
import { type Authenticate, callerOf } from "./authentication.ts";
import { authorize, type User } from "./authorization.ts";
import { readJson } from "./body.ts";
import type { Identity } from "./certificate.ts";
import { discoveryDocument, isHealthPath } from "./discovery.ts";
import { evictPod } from "./eviction.ts";
import { impersonated } from "./impersonation.ts";
import { findRule, type KindRule } from "./kinds.ts";
import { type LoopbackServer, startLoopbackServer } from "./loopback-server.ts";
import type { NodeAccess } from "./node-access.ts";
import { type Answer, answerObjectRequest } from "./object-requests.ts";
import { servePodLog } from "./pod-log.ts";
import { readMessage } from "./protobuf.ts";
import { proxyRequest } from "./proxy.ts";
import type { Registry } from "./registry.ts";
import { type RequestInfo, readRequestInfo } from "./request-info.ts";
import { answerScaleRequest } from "./scale.ts";
import { methodNotAllowed, notProvided, StatusError } from "./status-error.ts";

interface ApiServerParts {
  registry: Registry;
  identity: Identity;
  node: NodeAccess;
  authenticate: Authenticate;
  /** 0 takes any free port. */
  port: number;
  /** Told of each request that has been answered; of a watch, when it is over. */
  onRequest?: ((request: RequestRecord) => void) | undefined;
}

/** One line of an audit log. */
export interface RequestRecord {
  user: string;
  verb: string;
  /** `httproutes`, `pods/log`; a path for what is no resource. */
  resource: string;
  namespace: string;
  name: string;
  status: number;
  milliseconds: number;
}

/** The Kubernetes API over TLS on 127.0.0.1. */
export async function startApiServer(parts: ApiServerParts): Promise<LoopbackServer> {
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void handle(parts, request, response).catch((error: unknown) => sendFailure(response, error));
  return startLoopbackServer({ identity: parts.identity, port: parts.port, keepAliveTimeout: 60_000, onRequest });
}

async function handle(parts: ApiServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const began = performance.now();
  const info = readRequestInfo(request);
  const caller = await callerOf(request, parts.identity.adminToken, parts.authenticate);
  const user = impersonated(parts.registry.store, caller, request);
  if (parts.onRequest) response.once("close", () => parts.onRequest?.(auditRecord(user, info, response.statusCode, began)));
  authorize(parts.registry.store, user, info);
  const answer = info.isResource ? await answerResource(parts, user, info, request, response) : answerPath(info, response);
  if (answer) sendJson(response, answer.code, answer.body);
}

function auditRecord(user: User, info: RequestInfo, status: number, began: number): RequestRecord {
  const { verb, namespace, name } = info;
  const resource = info.isResource ? [info.resource, info.subresource].filter(Boolean).join("/") : info.path;
  return { user: user.username, verb, resource, namespace, name, status, milliseconds: performance.now() - began };
}

function answerPath(info: RequestInfo, response: ServerResponse): Answer | undefined {
  if (isHealthPath(info.path)) return void response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }).end("ok");
  const document = discoveryDocument(info.path);
  if (!document) throw notProvided(`path ${info.path}`);
  return { code: 200, body: document };
}

async function answerResource(
  parts: ApiServerParts,
  user: User,
  info: RequestInfo,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { registry, node } = parts;
  if (info.group === "authorization.k8s.io" && /^(self)?subjectaccessreviews$/.test(info.resource)) {
    if (info.verb !== "create") throw methodNotAllowed();
    const review = (await readJson(request)) ?? {};
    const isOfOneself = info.resource.startsWith("self");
    return { code: 201, body: isOfOneself ? reviewAccess(registry.store, user, review) : reviewAccessOf(registry.store, review) };
  }
  const rule = findRule(info.group, info.version, info.resource);
  refuseUnknown(rule, info);
  switch (info.subresource) {
    case "log":
      return void servePodLog(registry, node, info, response);
    case "proxy":
      return void (await proxyRequest(registry, node, info, request, response));
    case "eviction":
      return { code: 201, body: evictPod(registry, info.namespace, info.name, await readMessage(request, "Eviction")) };
    case "scale":
      return { code: 200, body: await answerScaleRequest(registry, info, request) };
    default:
      return answerObjectRequest(registry, rule, info, request, response);
  }
}

function refuseUnknown(rule: KindRule | undefined, info: RequestInfo): asserts rule is KindRule {
  const place = info.group ? `${info.group}/${info.version}` : info.version;
  if (!rule) throw notProvided(`${place} ${info.resource}`);
  if (info.subresource && !rule.subresources.includes(info.subresource)) throw notProvided(`${place} ${info.resource}/${info.subresource}`);
  if (rule.namespaced && !info.namespace && !["list", "watch"].includes(info.verb)) throw methodNotAllowed();
  if (!info.name && ["update", "patch", "delete"].includes(info.verb)) throw methodNotAllowed();
}

function sendJson(response: ServerResponse, code: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(code, {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache, private",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

function sendFailure(response: ServerResponse, error: unknown): void {
  const failure =
    error instanceof StatusError
      ? error
      : new StatusError(500, "InternalError", `Internal error occurred: ${(error as Error)?.message ?? error}`);
  if (!(error instanceof StatusError)) console.error("the local cluster's API server failed:", error);
  if (response.headersSent) return void response.destroy();
  const retry = failure.details?.retryAfterSeconds;
  if (retry) response.setHeader("Retry-After", String(retry));
  sendJson(response, failure.code, failure.toStatus());
}
