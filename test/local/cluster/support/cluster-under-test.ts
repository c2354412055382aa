import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, type ClusterOptions, startCluster } from "../../../../local/cluster/start.ts";
import { ApiClient } from "./api-client.ts";
import { serverScript } from "./server-image.ts";

export interface ClusterUnderTest {
  cluster: Cluster;
  /** The operator's client. */
  api: ApiClient;
  /** A client with a token that `authenticate` turns into user `<token>` of group `<token>s`. */
  as(token: string | undefined): ApiClient;
  folder: string;
  /** Stops the cluster and starts it again on the same data. */
  restart(changes?: Partial<ClusterOptions>): Promise<ClusterUnderTest>;
  stop(): Promise<void>;
}

/** A cluster in a folder of its own, with one namespace `test` and the image `test/server:1`. */
export async function startTestCluster(options: Partial<ClusterOptions> = {}, kept?: string): Promise<ClusterUnderTest> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), "slipway-cluster-"));
  const script = join(folder, "server.cjs");
  writeFileSync(script, serverScript);
  const cluster = await startCluster({
    dataFolder: join(folder, "data"),
    name: "test",
    images: {
      "test/server:1": { command: [process.execPath, script] },
      "test/old:1": { command: [process.execPath, script], env: { OLD: "yes" } },
    },
    authenticate: async (token) => (token.startsWith("bad") ? { error: "bad token" } : { username: token, groups: [`${token}s`] }),
    backOffFactor: 0.01,
    ...options,
  });
  await cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "test" } }]);
  const clients: ApiClient[] = [];
  const as = (token: string | undefined) => {
    const client = new ApiClient(cluster.endpoint, cluster.certificateAuthority, token);
    clients.push(client);
    return client;
  };
  const end = async () => {
    for (const client of clients) client.stop();
    await cluster.stop();
  };
  return {
    cluster,
    api: as(cluster.adminToken),
    as,
    folder,
    restart: async (changes = {}) => {
      await end();
      return startTestCluster({ ...options, ...changes }, folder);
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
