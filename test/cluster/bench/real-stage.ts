import { adapterFor } from "../support/adapter-for.ts";
import { ApiClient } from "../support/api-client.ts";
import { type ClusterInfo, gatewayPlace, type IdentityName, suiteLabel } from "../support/cluster-info.ts";
import { ControlPlane } from "../support/control-plane.ts";
import { joinRealCluster } from "../support/real-cluster.ts";

/** The cluster that SLIPWAY_KUBECONFIG names, for a bench: what it makes there is taken away by `stop`. */
export interface Stage {
  info: ClusterInfo;
  api: ApiClient;
  /** The product; each identity keeps its connections, as warm functions do. */
  controlPlane(settleSeconds: number): ControlPlane;
  stop(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const kubeconfig = process.env.SLIPWAY_KUBECONFIG;
  if (!kubeconfig) throw new Error("this is played on a cluster: npm run cluster:up, and SLIPWAY_KUBECONFIG=<what it printed>");
  const { info, stop } = await joinRealCluster(kubeconfig);
  const api = new ApiClient({ ...info, ...info.administrator, patience: 180_000 });
  const planes: ControlPlane[] = [];
  return {
    info,
    api,
    controlPlane(settle_seconds) {
      const gateway = { ...gatewayPlace, service: "slipway-gateway", port: 80, settle_seconds, metrics: info.gatewayMetrics };
      const plane = new ControlPlane({ clusterOf: warm(info), gateway });
      planes.push(plane);
      return plane;
    },
    stop: async () => {
      await Promise.all(planes.map((plane) => plane.halt()));
      await stop();
      api.stop();
    },
  };
}

function warm(info: ClusterInfo): (identity: IdentityName) => ReturnType<typeof adapterFor>["cluster"] {
  const known = new Map<IdentityName, ReturnType<typeof adapterFor>["cluster"]>();
  return (identity) => {
    const cluster = known.get(identity) ?? adapterFor(info, identity).cluster;
    known.set(identity, cluster);
    return cluster;
  };
}

/** So that `stop` takes the namespace of a group away with everything in it. */
export async function adopt({ api, info }: Stage, namespace: string): Promise<void> {
  await api.patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels: { [suiteLabel]: info.run } } });
}
