import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesApi } from "./api.ts";

interface Installation {
  id: string;
  /** Of the cluster that the record in this folder is about: the uid of its namespace kube-system. */
  cluster_uid: string;
}

const fileIn = (folder: string): string => join(folder, "installation.json");

/**
 * The installation that a data folder holds; a new one where it holds none. Errors: the folder's record is about
 * another cluster, whose deployments would all be missing in this one.
 */
export async function installationIn(folder: string, api: KubernetesApi): Promise<Installation> {
  const { metadata } = await api.get("/api/v1/namespaces/kube-system");
  if (existsSync(join(folder, "cluster", "cluster.db"))) throw new Error(otherCluster(folder, "the local cluster"));
  const file = fileIn(folder);
  if (!existsSync(file)) {
    const made = { id: randomUUID(), cluster_uid: metadata.uid ?? "" };
    writeFileSync(file, JSON.stringify(made));
    return made;
  }
  const kept = JSON.parse(readFileSync(file, "utf8")) as Installation;
  if (kept.cluster_uid !== metadata.uid) throw new Error(otherCluster(folder, `another cluster (${kept.cluster_uid})`));
  return kept;
}

/** Errors: the folder's record is about a cluster of a kubeconfig. */
export function refuseInstallation(folder: string): void {
  if (!existsSync(fileIn(folder))) return;
  throw new Error(
    `The data folder ${folder} holds the record of a cluster of a kubeconfig: give that one (--kubeconfig FILE), or another --data`,
  );
}

const otherCluster = (folder: string, which: string): string =>
  `The data folder ${folder} holds the record of ${which}: give another one (--data FOLDER) for this cluster`;
