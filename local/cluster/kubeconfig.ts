import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import type { Cluster } from "./start.ts";

/** Writes how kubectl and others reach the cluster as its administrator; the server's port is another one at each start. */
export function writeKubeconfig(file: string, name: string, { endpoint, certificateAuthority, adminToken }: Cluster): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } }],
    users: [{ name, user: { token: adminToken } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
}
