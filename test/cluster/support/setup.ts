import type { TestProject } from "vitest/node";
import { startLocalCluster } from "./local-cluster.ts";
import { joinRealCluster } from "./real-cluster.ts";

/** One cluster for all files: the local one, or the one that SLIPWAY_KUBECONFIG names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kubeconfig = process.env.SLIPWAY_KUBECONFIG;
  const { info, stop } = kubeconfig ? await joinRealCluster(kubeconfig) : await startLocalCluster();
  console.log(`test/cluster runs against the ${info.kind} cluster ${info.version} at ${info.endpoint}`);
  project.provide("cluster", info);
  return () => stop();
}
