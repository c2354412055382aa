import type { IncomingMessage, ServerResponse } from "node:http";
import type { Draft, Resource } from "../objects/resource.ts";
import { readJson, unsupportedMedia } from "./body.ts";
import type { DeleteOptions } from "./deletion.ts";
import { apiVersionOf, type KindRule } from "./kinds.ts";
import { listObjects } from "./list.ts";
import { isPlain } from "./merge-patch.ts";
import { readMessage } from "./protobuf.ts";
import type { Registry } from "./registry.ts";
import type { RequestInfo } from "./request-info.ts";
import { badRequest, methodNotAllowed, notProvided, statusObject } from "./status-error.ts";
import { includedIn, tableOf, wantsTable } from "./tables/table.ts";
import { serveWatch } from "./watch.ts";

export interface Answer {
  code: number;
  body: object;
}

/** The verbs on objects and on their `status`; undefined when the answer was streamed. */
export async function answerObjectRequest(
  registry: Registry,
  rule: KindRule,
  info: RequestInfo,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const namespace = rule.namespaced ? info.namespace : undefined;
  const part = info.subresource === "status" ? "status" : "object";
  const query = info.url.searchParams;
  const dryRun = query.get("dryRun") === "All";
  const asTable = wantsTable(request)
    ? (objects: Resource[], metadata: object) => tableOf(rule, objects, metadata, includedIn(query))
    : undefined;
  switch (info.verb) {
    case "list": {
      const list = listObjects(registry.store, rule, namespace ?? "", query);
      return { code: 200, body: asTable?.(list.items, list.metadata) ?? list };
    }
    case "watch":
      return void serveWatch(registry.store, rule, namespace ?? "", query, response, asTable);
    case "get": {
      const object = registry.get(rule, namespace, info.name);
      return { code: 200, body: asTable?.([object], { resourceVersion: object.metadata.resourceVersion }) ?? object };
    }
    case "create":
      return { code: 201, body: registry.create(await readObject(request, rule), namespace, dryRun) };
    case "update":
      return { code: 200, body: registry.update(rule, await readReplacement(request, rule, info, namespace), part) };
    case "patch":
      return { code: 200, body: registry.mergePatch(rule, namespace, info.name, await readPatch(request, rule), part) };
    case "delete":
      return deleteObject(registry, rule, namespace, info, request);
    case "deletecollection":
      throw notProvided("deletecollection: delete objects one by one");
    default:
      throw methodNotAllowed();
  }
}

async function readObject(request: IncomingMessage, rule: KindRule): Promise<Draft> {
  const object = await readJson(request);
  if (!object) throw badRequest("the request has no body");
  const expected = { apiVersion: apiVersionOf(rule), kind: rule.kind };
  const { apiVersion = expected.apiVersion, kind = expected.kind } = object;
  if (apiVersion !== expected.apiVersion || kind !== expected.kind) {
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${rule.kind}: this path takes ${expected.apiVersion} ${expected.kind}`,
    );
  }
  return { ...object, ...expected, metadata: (object.metadata ?? {}) as Draft["metadata"] };
}

async function readReplacement(
  request: IncomingMessage,
  rule: KindRule,
  info: RequestInfo,
  namespace: string | undefined,
): Promise<Resource> {
  const object = await readObject(request, rule);
  if (object.metadata.name !== info.name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${info.name})`);
  }
  return { ...object, metadata: { ...object.metadata, ...(namespace && { namespace }) } } as Resource;
}

const mergePatch = "application/merge-patch+json";
const strategicMergePatch = "application/strategic-merge-patch+json";

/** A strategic merge patch (of which custom resources have none) is a merge patch where it has neither lists nor directives. */
async function readPatch(request: IncomingMessage, rule: KindRule): Promise<object> {
  const isStrategic = request.headers["content-type"]?.startsWith(strategicMergePatch) ?? false;
  const patch = (await readJson(request, isStrategic && !rule.custom ? [strategicMergePatch] : [mergePatch])) ?? {};
  if (isStrategic && !isPlain(patch)) throw unsupportedMedia([mergePatch], "strategic merge patches with lists or directives are not here");
  return patch;
}

async function deleteObject(
  registry: Registry,
  rule: KindRule,
  namespace: string | undefined,
  info: RequestInfo,
  request: IncomingMessage,
): Promise<Answer> {
  const { gone, object } = registry.delete(rule, namespace, info.name, await readDeleteOptions(request, info.url.searchParams));
  if (!gone || answeredWhole.includes(rule.kind)) return { code: 200, body: object };
  const { name, uid } = object.metadata;
  return {
    code: 200,
    body: statusObject("Success", { details: { name, ...(rule.group && { group: rule.group }), kind: rule.plural, uid } }),
  };
}

/** Of these the real server answers with the object also when it is gone. */
const answeredWhole = ["Namespace", "Pod", "ResourceQuota", "Service", "ServiceAccount"];

async function readDeleteOptions(request: IncomingMessage, query: URLSearchParams): Promise<DeleteOptions> {
  const body = (await readMessage(request, "DeleteOptions")) as DeleteOptions & { dryRun?: string[] | boolean };
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy") as DeleteOptions["propagationPolicy"] | null;
  return {
    ...(body.preconditions && { preconditions: body.preconditions }),
    ...(body.gracePeriodSeconds !== undefined && { gracePeriodSeconds: body.gracePeriodSeconds }),
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...((policy ?? body.propagationPolicy) && { propagationPolicy: policy ?? body.propagationPolicy }),
    dryRun: query.get("dryRun") === "All" || (Array.isArray(body.dryRun) && body.dryRun.includes("All")),
  } as DeleteOptions;
}
