import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { KubernetesAccess } from "../../lambdas/adapters/kubernetes-request.ts";
import { answered } from "../../lambdas/adapters/kubernetes-retry.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";

const headers = { "content-type": "application/merge-patch+json" };

/** Changes of what the product never changes. Errors: anything but success. */
export async function patchObject(access: KubernetesAccess, path: string, change: object): Promise<KubernetesObject> {
  const limits = { timeoutMilliseconds: 30_000, limitBytes: 2 ** 20 };
  const { status, body } = await answered(access, systemClock, { method: "PATCH", path, headers, body: JSON.stringify(change), ...limits });
  if (status !== 200) throw new Error(`PATCH ${path} answered ${status}: ${body}`);
  return JSON.parse(body) as KubernetesObject;
}
