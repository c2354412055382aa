import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string> }[];
  users?: { name: string; user: Record<string, string> & { exec?: unknown } }[];
}

export interface KubeconfigAccess {
  endpoint: string;
  authority: string;
  administrator: { token?: string; certificate?: string; key?: string };
}

/** The current context of a kubeconfig: endpoint, authority, and a token or a client certificate (PEM). */
export function readKubeconfig(file: string): KubeconfigAccess {
  const config = parse(readFileSync(file, "utf8")) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user) throw new Error(`${file} has no cluster and user for its current context ${config["current-context"]}`);
  const pem = (from: Record<string, unknown>, name: string) => {
    const [data, path] = [from[`${name}-data`], from[name]];
    if (typeof data === "string") return Buffer.from(data, "base64").toString();
    return typeof path === "string" ? readFileSync(resolve(dirname(file), path), "utf8") : undefined;
  };
  const [certificate, key] = [pem(user, "client-certificate"), pem(user, "client-key")];
  const administrator = user.token ? { token: user.token } : certificate && key ? { certificate, key } : undefined;
  if (!administrator)
    throw new Error(`${file} must give a token or a client certificate for ${context?.user}: commands (exec) are not run`);
  return { endpoint: (cluster.server ?? "").replace(/\/$/, ""), authority: pem(cluster, "certificate-authority") ?? "", administrator };
}
