import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, type ClusterOptions, startCluster } from "../../../local/cluster/start.ts";
import { builtInImages } from "../../../local/images/catalogue.ts";
import { ApiClient } from "../cluster/support/api-client.ts";
import { writeEchoImage } from "../system/image.ts";

/** A cluster that belongs to no control plane yet, with a class of gateways, and the kubeconfig of its administrator. */
export interface ClusterAlone {
  cluster: Cluster;
  api: ApiClient;
  folder: string;
  kubeconfig: string;
  /** What `npm start` needs to be told of it. */
  options: string[];
  stop(): Promise<void>;
}

/** Tokens of people, beside the administrator's: user and groups are named after them. */
export async function startClusterAlone(options: Partial<ClusterOptions> = {}): Promise<ClusterAlone> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-alone-"));
  await writeEchoImage(folder);
  const cluster = await startCluster({
    dataFolder: join(folder, "cluster"),
    name: "alone",
    images: { ...builtInImages("http://127.0.0.1:1"), "test/echo:1": { command: [process.execPath, join(folder, "echo.mjs")] } },
    authenticate: async (token) =>
      token.startsWith("bad") ? { error: "nobody has this token" } : { username: token, groups: [`${token}s`] },
    ...options,
  });
  await cluster.apply([gatewayClass]);
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(cluster, { token: cluster.adminToken })));
  const api = new ApiClient(cluster.endpoint, cluster.certificateAuthority, cluster.adminToken);
  return {
    ...{ cluster, api, folder, kubeconfig },
    options: ["--kubeconfig", kubeconfig, "--gateway-url", cluster.gatewayUrl],
    stop: async () => {
      api.stop();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const gatewayClass = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name: "installed" },
  spec: { controllerName: "slipway.dev/local-gateway" },
};

/** A kubeconfig with one context, `alone`; `cluster` replaces fields of its cluster. */
export function kubeconfigOf({ endpoint, certificateAuthority }: Cluster, user: object, cluster: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "alone",
    clusters: [{ name: "alone", cluster: { server: endpoint, "certificate-authority-data": certificateAuthority, ...cluster } }],
    users: [{ name: "me", user }],
    contexts: [{ name: "alone", context: { cluster: "alone", user: "me" } }],
  };
}
