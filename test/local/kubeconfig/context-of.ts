import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KubeconfigContext, readKubeconfig } from "../../../local/kubeconfig/file.ts";
import { type ClusterAlone, kubeconfigOf } from "./cluster-alone.ts";

let written = 0;

/** The context of a kubeconfig for the cluster, with this user; `cluster` replaces fields of its cluster. */
export function contextOf(
  { folder, cluster }: Pick<ClusterAlone, "folder" | "cluster">,
  user: object,
  fields: object = {},
): KubeconfigContext {
  const file = join(folder, `kubeconfig-${++written}`);
  writeFileSync(file, JSON.stringify(kubeconfigOf(cluster, user, fields)));
  return readKubeconfig(file);
}
