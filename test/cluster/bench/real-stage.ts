import { randomBytes } from "node:crypto";
import { adapterFor } from "../support/adapter-for.ts";
import { ApiClient } from "../support/api-client.ts";
import { type ClusterInfo, gatewayPlace, type IdentityName } from "../support/cluster-info.ts";
import { ControlPlane } from "../support/control-plane.ts";
import { joinRealCluster } from "../support/real-cluster.ts";

/** The cluster that SLIPWAY_KUBECONFIG names, for a bench: what it makes there is taken away by `stop`. */
export interface Stage {
  info: ClusterInfo;
  api: ApiClient;
  /** The product; each identity keeps its connections, as warm functions do. */
  controlPlane(settleSeconds: number): ControlPlane;
  /** A group that nobody else has, and the namespace that the product makes for it. */
  newGroup(): { group: string; namespace: string };
  stop(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const kubeconfig = process.env.SLIPWAY_KUBECONFIG;
  if (!kubeconfig) throw new Error("this is played on a cluster: npm run cluster:up, and SLIPWAY_KUBECONFIG=<what it printed>");
  const { info, stop } = await joinRealCluster(kubeconfig);
  const api = new ApiClient({ ...info, ...info.administrator, patience: 180_000 });
  const planes: ControlPlane[] = [];
  const namespaces: string[] = [];
  return {
    info,
    api,
    controlPlane(settle_seconds) {
      const gateway = { ...gatewayPlace, service: "slipway-gateway", port: 80, settle_seconds, metrics: info.gatewayMetrics };
      const plane = new ControlPlane({ clusterOf: warm(info), gateway });
      planes.push(plane);
      return plane;
    },
    newGroup() {
      const group = `bench-${randomBytes(3).toString("hex")}`;
      const namespace = `slipway-${group}-staging`;
      namespaces.push(namespace);
      return { group, namespace };
    },
    stop: async () => {
      await Promise.all(planes.map((plane) => plane.halt()));
      await Promise.all(namespaces.map((name) => api.delete(`/api/v1/namespaces/${name}`)));
      await stop();
      api.stop();
    },
  };
}

function warm(info: ClusterInfo): (identity: IdentityName) => ReturnType<typeof adapterFor>["cluster"] {
  const known = new Map<IdentityName, ReturnType<typeof adapterFor>["cluster"]>();
  return (identity) => {
    const cluster = known.get(identity) ?? adapterFor(info, identity, { keepAlive: true }).cluster;
    known.set(identity, cluster);
    return cluster;
  };
}
