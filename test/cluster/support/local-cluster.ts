import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GatewayMetricsPlace } from "../../../domain/place.ts";
import { bootstrapObjects } from "../../../lib/cluster/bootstrap.ts";
import { metricsPath, metricsPort } from "../../../local/cluster/gateway/metrics-server.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../../../local/cluster/start.ts";
import { builtInImages } from "../../../local/images/catalogue.ts";
import { startArtifactStore } from "./artifact-store.ts";
import { type ClusterInfo, gatewayPlace, identities } from "./cluster-info.ts";

const script = fileURLToPath(new URL("./server.ts", import.meta.url));
const server = "localhost/test-server:1";

/** How many changes the suite's local cluster remembers: enough for every file, few enough to forget the first at once. */
const watchHistory = 2000;

const gatewayMetrics: GatewayMetricsPlace = {
  ...{ dialect: "traefik", namespace: gatewayPlace.namespace, service: "slipway-gateway", port: metricsPort, path: metricsPath },
};

export interface LocalCluster {
  info: ClusterInfo;
  cluster: Cluster;
  /** Ends the cluster; its folder goes with it unless `keep`. */
  stop(keep?: boolean): Promise<void>;
}

/** The local cluster with what `cluster:bootstrap` prints, the suite's image and identities. */
export async function startLocalCluster(
  folder = mkdtempSync(join(tmpdir(), "slipway-cluster-")),
  options: Partial<ClusterOptions> = {},
): Promise<LocalCluster> {
  const artifacts = await startArtifactStore();
  const cluster = await startCluster({
    dataFolder: folder,
    name: "suite",
    images: { ...builtInImages(artifacts.url), [server]: { command: [process.execPath, script] } },
    authenticate: async (token) => {
      const known = Object.values(identities).find(({ user }) => user === token);
      return known ? { username: known.user, groups: known.groups } : { error: "nobody has this token" };
    },
    nodes: [{ name: "node-1", cpu: 4, memory: "8Gi" }],
    watchHistory,
    // Back-offs of ten seconds are a tenth of a second: the order of what is seen stays, and nobody waits for it.
    backOffFactor: 0.01,
    nodeGraceMs: 100,
    ...options,
  });
  const gateway = {
    ...gatewayPlace,
    class: "local",
    controller: "slipway.dev/local-gateway",
    service: "slipway-gateway",
    port: 80,
    metrics: gatewayMetrics,
  };
  await cluster.apply(bootstrapObjects({ gateway: { ...gateway, settle_seconds: 0 } }));
  await forgetTheBeginning(cluster);
  return {
    cluster,
    info: {
      kind: "local",
      version: "local",
      run: "local",
      endpoint: cluster.endpoint,
      authority: Buffer.from(cluster.certificateAuthority, "base64").toString(),
      administrator: { token: cluster.adminToken },
      images: { server, node: process.execPath },
      hasArtifacts: true,
      gatewayUrl: cluster.gatewayUrl,
      gatewayMetrics,
    },
    stop: async (keep = false) => {
      await cluster.stop();
      await artifacts.stop();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A cluster that has run for a while has forgotten its first versions. */
function forgetTheBeginning(cluster: Cluster): Promise<void> {
  const change = (count: number) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: gatewayPlace.namespace, annotations: { "slipway.dev/aged": String(count) } },
  });
  return cluster.apply(Array.from({ length: 2 * watchHistory + 1 }, (_, count) => change(count)));
}
