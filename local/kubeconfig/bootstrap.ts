import { partOf } from "../../lib/cluster/bootstrap.ts";
import type { KubernetesApi, KubernetesObject } from "./api.ts";
import { Kinds } from "./kinds.ts";

/** What has to be done so that an object is as Slipway needs it. */
export interface BootstrapStep {
  what: "create" | "change" | "keep";
  object: KubernetesObject;
  /** `ClusterRole slipway:reader` */
  title: string;
  collection: string;
  path: string;
}

export const titleOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;

/** Compares what has to be there with what is. Errors: a kind that the cluster does not have, with what brings it. */
export async function planBootstrap(api: KubernetesApi, objects: KubernetesObject[]): Promise<BootstrapStep[]> {
  const kinds = new Kinds(api);
  return Promise.all(
    objects.map(async (object) => {
      const place = await kinds.placeOf(object);
      if (!place) throw new Error(`The cluster has no ${object.kind} of ${object.apiVersion}. ${remedy(object)}`);
      const there = await api.find(place.path);
      return { what: neededFor(object, there), object, title: titleOf(object), ...place };
    }),
  );
}

export function remedy({ apiVersion = "" }: Pick<KubernetesObject, "apiVersion">): string {
  if (apiVersion.startsWith("gateway."))
    return "Install the Gateway API's definitions (standard channel, v1.0 or later): https://gateway-api.sigs.k8s.io/guides/#installing-gateway-api";
  if (apiVersion.startsWith("admissionregistration."))
    return "ValidatingAdmissionPolicy is in Kubernetes 1.30 and later: take a newer cluster";
  return "Take a newer cluster";
}

/** A namespace that others have made is used as it is: what is in it, and its labels, are theirs. */
function neededFor(object: KubernetesObject, there: KubernetesObject | undefined): BootstrapStep["what"] {
  if (!there) return "create";
  if (object.kind === "Namespace") return "keep";
  return contains(there, object) ? "keep" : "change";
}

/** Whether everything of `wanted` is in `there`, which may have more: what the cluster has filled in. */
export function contains(there: unknown, wanted: unknown): boolean {
  if (wanted === null || typeof wanted !== "object") return there === wanted;
  if (there === null || typeof there !== "object") return false;
  if (Array.isArray(wanted)) {
    return Array.isArray(there) && there.length === wanted.length && wanted.every((each, index) => contains(there[index], each));
  }
  return Object.entries(wanted).every(([name, value]) => contains((there as Record<string, unknown>)[name], value));
}

export async function applyBootstrap(api: KubernetesApi, steps: BootstrapStep[]): Promise<void> {
  for (const { what, object, collection, path } of steps) {
    if (what === "create") await api.create(collection, object);
    if (what === "change") await api.patch(path, object);
  }
}

/** Of what the bootstrap has made, that which is there and carries our mark. */
export async function bootstrapLeft(api: KubernetesApi, objects: KubernetesObject[]): Promise<BootstrapStep[]> {
  const kinds = new Kinds(api);
  const found = await Promise.all(
    objects.map(async (object) => {
      const place = await kinds.placeOf(object);
      const there = place && (await api.find(place.path));
      return place && there && contains(there.metadata.labels, partOf)
        ? [{ what: "keep" as const, object: there, title: titleOf(object), ...place }]
        : [];
    }),
  );
  return found.flat();
}
