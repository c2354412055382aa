import { labels, managedBy } from "../../../domain/names.ts";
import { api, proxied } from "../target.ts";
import type { Any } from "./api-client.ts";
import type { Product } from "./product.ts";

/** What may befall a deployment that serves. The name is also that of the file in `recorded/sequences`. */
export interface Misfortune {
  /** Variables of the server. */
  env?: Record<string, string>;
  hasTransformer?: true;
  befall(product: Product): Promise<void>;
  /** `STATUS CONDITION is Reason health`, which it certainly comes to. */
  shown: RegExp;
  message: RegExp;
  /** Puts it right, where Kubernetes does not by itself. */
  mend?(product: Product): Promise<void>;
}

const instance = async ({ paths }: Product, component: string): Promise<Any> =>
  (await api.get(`${paths.pods}?labelSelector=${encodeURIComponent(`${labels.component}=${component}`)}`)).body.items[0];

/** Of every instance, through the API server. */
const ask =
  (path: string, component = "predictor") =>
  async (product: Product): Promise<void> => {
    const { metadata } = await instance(product, component);
    await proxied(product.paths.pods, metadata.name, path);
  };

async function admitted(product: Product, by: string): Promise<void> {
  await api.patch(product.paths.self, { metadata: { labels: { [labels.managedBy]: by } } });
  // Whoever follows routes only looks at their namespaces again when one of them changes.
  for (const { metadata } of (await api.get(product.paths.routes)).body.items) {
    await api.patch(`${product.paths.routes}/${metadata.name}`, { metadata: { annotations: { "example.com/admitted-by": by } } });
  }
}
/** The Gateway takes no route of that namespace any more. */
export const closeGateway = (product: Product): Promise<void> => admitted(product, "somebody");
const openGateway = (product: Product): Promise<void> => admitted(product, managedBy);

async function evict(product: Product): Promise<void> {
  const { metadata } = await instance(product, "predictor");
  const { name, namespace } = metadata;
  await api.make(`${product.paths.pods}/${name}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });
}

/** How many ReplicaSets of earlier sizes are kept: no instance cares. */
async function keepHistory(product: Product, revisionHistoryLimit: number): Promise<void> {
  const { deployments } = product.paths;
  for (const { metadata } of (await api.get(deployments)).body.items) {
    await api.patch(`${deployments}/${metadata.name}`, { spec: { revisionHistoryLimit } });
  }
}

export const misfortunes: Record<string, Misfortune> = {
  "is evicted": {
    // It leaves slowly, so that it is seen to leave.
    env: { IGNORE_TERM: "yes" },
    befall: evict,
    shown: /^RUNNING \w+ Unknown \w+ failed$/,
    message: /^predictor of revision 1 \(\w+\): .*; instance \S+ is taken away \(EvictionByEvictionAPI: /,
  },
  "is not ready any more": {
    befall: ask("/set?ready=no"),
    shown: /^RUNNING READY False ContainersNotReady failed$/,
    message:
      /^predictor of revision 1 \(\w+\): the server runs but is not ready: Readiness probe failed: HTTP probe failed with statuscode: 503/,
    mend: ask("/set?ready=yes"),
  },
  "does not live any more": {
    befall: ask("/set?live=no"),
    shown: /^RUNNING STARTED False \w+ failed$/,
    message: /^predictor of revision 1 \(\w+\): the server was stopped: Liveness probe failed: HTTP probe failed with statuscode: 500/,
  },
  ends: {
    befall: ask("/exit?code=3"),
    shown: /^RUNNING STARTED False Error failed$/,
    message: /^predictor of revision 1 \(\w+\): the server crashed \(exit code 3/,
  },
  "loses its transformer": {
    hasTransformer: true,
    befall: ask("/exit?code=3", "transformer"),
    shown: /^RUNNING STARTED False Error failed$/,
    message: /^transformer of revision 1 \(\w+\): the server crashed \(exit code 3/,
  },
  "has a route that is accepted no longer": {
    befall: closeGateway,
    shown: /^RUNNING READY False RouteNotAccepted failed$/,
    message:
      /^revision 1 \(\w+\) has its instances ready and gets no requests: the gateway refuses HTTPRoute \S+ \(NotAllowedByListeners: /,
    mend: openGateway,
  },
  "is changed by hand": {
    befall: (product) => keepHistory(product, 7),
    shown: /^RUNNING READY True Drifted healthy$/,
    message: /Deployment\/\S+ has spec.revisionHistoryLimit 7, not 0/,
    mend: (product) => keepHistory(product, 0),
  },
};
