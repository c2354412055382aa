import { labels, managedBy } from "../../domain/names.ts";
import { bootstrapObjects } from "../../lib/cluster/bootstrap.ts";
import { ApiError, type KubernetesApi, type KubernetesObject } from "./api.ts";
import { type BootstrapStep, bootstrapLeft, titleOf } from "./bootstrap.ts";
import { claimPath } from "./claim.ts";
import { gatewayPlace, gatewayToMake } from "./gateway.ts";

/** What of ours a cluster holds, and what lies beside it that is not ours. */
export interface Removal {
  /** Namespaces of groups, with all that is in them. */
  namespaces: KubernetesObject[];
  /** What the bootstrap made, in the order in which it can go. */
  objects: BootstrapStep[];
  isClaimed: boolean;
  /** Why the gateway's namespace stays; undefined: it goes, or is not ours. */
  stays: string | undefined;
}

/** Looks only. */
export async function planRemoval(api: KubernetesApi): Promise<Removal> {
  const made = bootstrapObjects({ gateway: gatewayToMake("any", {}) }) as KubernetesObject[];
  const [namespaces, left, claim] = await Promise.all([
    api.list(`/api/v1/namespaces?labelSelector=${encodeURIComponent(`${labels.managedBy}=${managedBy}`)}`),
    bootstrapLeft(api, made),
    api.find(claimPath(gatewayPlace.namespace)),
  ]);
  const others = left.some(({ object }) => object.kind === "Namespace") ? await othersIn(api, gatewayPlace.namespace) : [];
  const objects = left.reverse().filter(({ object }) => object.kind !== "Namespace" || others.length === 0);
  const stays =
    others.length > 0 ? `${others.join(", ")} ${others.length === 1 ? "is" : "are"} in it, which Slipway did not make` : undefined;
  return { namespaces, objects, isClaimed: claim !== undefined, stays };
}

/** What people put into the gateway's namespace; what a Gateway's implementation made for it goes with the Gateway. */
async function othersIn(api: KubernetesApi, namespace: string): Promise<string[]> {
  const kinds = [
    ["Deployment", "/apis/apps/v1", "deployments"],
    ["DaemonSet", "/apis/apps/v1", "daemonsets"],
    ["StatefulSet", "/apis/apps/v1", "statefulsets"],
    ["Service", "/api/v1", "services"],
    ["Gateway", "/apis/gateway.networking.k8s.io/v1", "gateways"],
  ] as const;
  const found = await Promise.all(
    kinds.map(async ([kind, root, plural]) => {
      const list = await api.find<{ items: KubernetesObject[] }>(`${root}/namespaces/${namespace}/${plural}`);
      return (list?.items ?? []).filter(isOthers).map((object) => titleOf({ ...object, kind }));
    }),
  );
  return found.flat();
}

function isOthers({ metadata }: KubernetesObject & { metadata: { ownerReferences?: unknown[] } }): boolean {
  return (metadata.ownerReferences ?? []).length === 0 && metadata.labels?.["app.kubernetes.io/part-of"] !== "slipway";
}

export const isEmpty = ({ namespaces, objects, isClaimed }: Removal): boolean => namespaces.length + objects.length === 0 && !isClaimed;

const patienceMilliseconds = 300_000;

/** Models first, so that nothing is left that nobody could remove any more. */
export async function remove(api: KubernetesApi, { namespaces, objects, isClaimed }: Removal): Promise<void> {
  const paths = namespaces.map(({ metadata }) => `/api/v1/namespaces/${metadata.name}`);
  for (const path of paths) await deleted(api, path);
  await Promise.all(paths.map((path) => gone(api, path)));
  for (const { path, object } of objects.filter((each) => each.object.kind !== "Namespace")) await deleted(api, path, object);
  if (isClaimed) await deleted(api, claimPath(gatewayPlace.namespace));
  for (const { path, object } of objects.filter((each) => each.object.kind === "Namespace")) {
    await deleted(api, path, object);
    await gone(api, path);
  }
}

/** Only the very object that was shown: another one may have its name by now. */
async function deleted(api: KubernetesApi, path: string, shown?: KubernetesObject): Promise<void> {
  const uid = shown?.metadata.uid;
  await api.delete(path, uid ? { preconditions: { uid } } : undefined).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
}

async function gone(api: KubernetesApi, path: string): Promise<void> {
  for (const until = Date.now() + patienceMilliseconds; await api.find(path); ) {
    if (Date.now() > until)
      throw new Error(`${path} is still there after ${patienceMilliseconds / 1000} s: see what its finalizers wait for`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
