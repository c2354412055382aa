import { eksClusters } from "../../../lambdas/adapters/eks-clusters.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import { systemClock } from "../../../lambdas/runtime/surroundings.ts";
import type { System } from "./system.ts";

/** The system's cluster as somebody with kubectl sees it, who may do everything there. */
export function clusterOf(system: System): Promise<Cluster> {
  const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
  return eksClusters({ region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${system.url}/aws` })("local");
}
