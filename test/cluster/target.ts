import { afterAll, inject } from "vitest";
import { type Any, ApiClient } from "./support/api-client.ts";
import { type IdentityName, identities, suiteLabel } from "./support/cluster-info.ts";
import { type Paths, pathsOf } from "./support/objects.ts";

/** The cluster under test: the local one, or the real one that SLIPWAY_KUBECONFIG names. */
export const cluster = inject("cluster");
export const isLocal = cluster.kind === "local";

const patience = isLocal ? 20_000 : 180_000;
const access = { endpoint: cluster.endpoint, authority: cluster.authority, patience };
const clients = new Map<IdentityName | undefined, ApiClient>();

/** The operator's client. */
export const api = clientOf(undefined);

/** A client of one of the suite's identities: impersonated on a real cluster, by a token of its own on the local one. */
export function as(name: IdentityName): ApiClient {
  return clientOf(name);
}

export interface Scene extends Paths {
  namespace: string;
}

/** A namespace of its own, in which pods can be created at once and nothing more comes by itself; deleted after the file. */
export async function scene(purpose: string, labels: Record<string, string> = {}): Promise<Scene> {
  const body = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { generateName: `${purpose}-`, labels: { "app.kubernetes.io/managed-by": "slipway", [suiteLabel]: cluster.run, ...labels } },
  };
  const { metadata } = await api.make("/api/v1/namespaces", body);
  const paths = pathsOf(metadata.name);
  scenes.push(paths.self);
  await api.until(paths.serviceAccounts, "default", () => true);
  // Which a real cluster puts into each namespace, a moment after it was made.
  if (!isLocal) await api.until(paths.configMaps, "kube-root-ca.crt", () => true);
  return { namespace: metadata.name, ...paths };
}

const scenes: string[] = [];
afterAll(async () => {
  await Promise.all(scenes.map((path) => api.delete(path)));
  for (const client of clients.values()) client.stop();
});

/** What a pod that runs answers, through the API server. */
export async function proxied(pods: string, name: string, path: string): Promise<Any> {
  return (await api.get(`${pods}/${name}:8080/proxy${path}`)).body;
}

function clientOf(name: IdentityName | undefined): ApiClient {
  const known = clients.get(name);
  if (known) return known;
  const client = new ApiClient({ ...access, ...credentialsOf(name) });
  clients.set(name, client);
  return client;
}

function credentialsOf(name: IdentityName | undefined): object {
  if (!name) return cluster.administrator;
  const { user, groups } = identities[name];
  if (isLocal) return { token: user };
  return { ...cluster.administrator, headers: { "Impersonate-User": user, ...(groups.length > 0 && { "Impersonate-Group": groups }) } };
}
