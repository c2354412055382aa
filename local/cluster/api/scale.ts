import type { IncomingMessage } from "node:http";
import type { Deployment } from "../objects/workloads.ts";
import { readJson } from "./body.ts";
import { ruleFor } from "./kinds.ts";
import { applyMergePatch } from "./merge-patch.ts";
import type { Registry } from "./registry.ts";
import type { RequestInfo } from "./request-info.ts";
import { methodNotAllowed } from "./status-error.ts";

/** `deployments/scale`: how many replicas there are and are wanted, which is changed without saying anything else. */
export async function answerScaleRequest(registry: Registry, info: RequestInfo, request: IncomingMessage): Promise<object> {
  const rule = ruleFor("Deployment");
  const { namespace, name, verb } = info;
  const scale = scaleOf(registry.get(rule, namespace, name) as Deployment);
  if (verb === "get") return scale;
  if (verb !== "patch" && verb !== "update") throw methodNotAllowed();
  const given = (await readJson(request, [verb === "patch" ? "application/merge-patch+json" : "application/json"])) ?? {};
  const wanted = (verb === "patch" ? applyMergePatch(scale, given) : given) as Partial<Scale>;
  // What was read is changed, or there is a conflict, when it says which version that was; a patch need not.
  const { resourceVersion } = ((verb === "patch" ? given : wanted) as Partial<Scale>).metadata ?? {};
  const change = { ...(resourceVersion && { metadata: { resourceVersion } }), spec: { replicas: wanted.spec?.replicas ?? 0 } };
  return scaleOf(registry.mergePatch(rule, namespace, name, change) as Deployment);
}

type Scale = ReturnType<typeof scaleOf>;

function scaleOf({ metadata, spec, status }: Deployment) {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = Object.entries(spec.selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas: status.replicas ?? 0, selector: selector.join(",") },
  };
}
