import type { KubernetesApi, KubernetesObject } from "./api.ts";

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/** Where objects lie, by what the cluster says of its kinds. */
export class Kinds {
  readonly #api: KubernetesApi;
  readonly #lists = new Map<string, Promise<ResourceList | undefined>>();

  constructor(api: KubernetesApi) {
    this.#api = api;
  }

  /** Path of the object, and of the collection that it is in; undefined where the cluster has no such kind. */
  async placeOf({ apiVersion = "", kind, metadata }: KubernetesObject): Promise<{ path: string; collection: string } | undefined> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const list = this.#lists.get(root) ?? this.#api.find<ResourceList>(root);
    this.#lists.set(root, list);
    const found = (await list)?.resources.find((each) => each.kind === kind && !each.name.includes("/"));
    if (!found) return undefined;
    const collection = `${root}${found.namespaced ? `/namespaces/${metadata.namespace}` : ""}/${found.name}`;
    return { collection, path: `${collection}/${encodeURIComponent(metadata.name)}` };
  }
}
