import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

/** What the file says of a cluster, a user and a context, as Kubernetes documents it (kubeconfig v1); other fields are left alone. */
const cluster = z.looseObject({
  server: z.string(),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
  "proxy-url": z.string().optional(),
});
const exec = z.looseObject({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
  interactiveMode: z.enum(["Never", "IfAvailable", "Always"]).nullish(),
  provideClusterInfo: z.boolean().nullish(),
  installHint: z.string().nullish(),
});
const user = z.looseObject({
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: exec.nullish(),
  as: z.string().optional(),
  "auth-provider": z.unknown().optional(),
});
const context = z.looseObject({ cluster: z.string(), user: z.string().default("") });

const file = z.looseObject({
  "current-context": z.string().nullish(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: user.nullish() })).nullish(),
  contexts: z.array(z.looseObject({ name: z.string(), context })).nullish(),
});
type File = z.infer<typeof file>;

export type ClusterEntry = z.infer<typeof cluster>;
export type UserEntry = z.infer<typeof user>;
export type ExecEntry = z.infer<typeof exec>;

/** One context of a kubeconfig: which cluster, as whom. */
export interface KubeconfigContext {
  name: string;
  /** Name of its cluster in the file. */
  clusterName: string;
  /** Name of its user in the file. */
  userName: string;
  cluster: ClusterEntry;
  user: UserEntry;
  /** Paths in `cluster` and `user` are absolute; a bare command is looked for in PATH. */
  files: string[];
}

/** Something of the kubeconfig cannot be used. The message says what, what was given and what to do. */
export class KubeconfigError extends Error {}

/** Where kubectl looks when no file is named. */
export const usualKubeconfig = (): string => process.env.KUBECONFIG || join(homedir(), ".kube", "config");

/**
 * Reads one file, or several with the path delimiter between them: of what two name alike, the first holds. Of several,
 * those that are not there are passed over, as kubectl does. Errors: KubeconfigError.
 */
export function readKubeconfig(given: string, wantedContext?: string): KubeconfigContext {
  const paths = given
    .split(delimiter)
    .filter(Boolean)
    .map((path) => resolve(path));
  const there = paths.length > 1 ? paths.filter((path) => existsSync(path)) : paths;
  if (there.length === 0) throw new KubeconfigError(`No kubeconfig is there: given ${given}. Name a file: --kubeconfig FILE`);
  return { ...chosen(merge(there.map(readFile)), there, wantedContext), files: there };
}

interface Merged {
  current: string | undefined;
  clusters: Map<string, ClusterEntry>;
  users: Map<string, UserEntry>;
  contexts: Map<string, z.infer<typeof context>>;
}

function chosen({ current, clusters, users, contexts }: Merged, paths: string[], wanted = current): Omit<KubeconfigContext, "files"> {
  const from = paths.join(delimiter);
  const known = [...contexts.keys()].join(", ") || "none";
  if (!wanted) throw new KubeconfigError(`${from} has no current context. Choose one: --context NAME. Its contexts: ${known}`);
  const named = contexts.get(wanted);
  if (!named) throw new KubeconfigError(`${from} has no context ${wanted}. Choose another one: --context NAME. Its contexts: ${known}`);
  const cluster = clusters.get(named.cluster);
  if (!cluster) throw new KubeconfigError(`The context ${wanted} names the cluster ${named.cluster}, which ${from} does not describe`);
  const user = named.user === "" ? {} : users.get(named.user);
  if (!user) throw new KubeconfigError(`The context ${wanted} names the user ${named.user}, whom ${from} does not describe`);
  return { name: wanted, clusterName: named.cluster, userName: named.user, cluster, user };
}

function merge(files: File[]): Merged {
  const merged: Merged = { current: undefined, clusters: new Map(), users: new Map(), contexts: new Map() };
  for (const each of files) {
    merged.current ||= each["current-context"] || undefined;
    for (const { name, cluster } of each.clusters ?? []) if (!merged.clusters.has(name)) merged.clusters.set(name, cluster);
    for (const { name, user } of each.users ?? []) if (!merged.users.has(name)) merged.users.set(name, user ?? {});
    for (const { name, context } of each.contexts ?? []) if (!merged.contexts.has(name)) merged.contexts.set(name, context);
  }
  return merged;
}

function readFile(path: string): File {
  const text = readText(path);
  let given: unknown;
  try {
    given = parse(text);
  } catch (error) {
    throw new KubeconfigError(`The kubeconfig ${path} is not YAML: ${(error as Error).message}`);
  }
  const result = file.safeParse(given ?? {});
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`);
    throw new KubeconfigError(`The kubeconfig ${path} cannot be used: ${faults.join("; ")}`);
  }
  return withAbsolutePaths(result.data, dirname(path));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KubeconfigError(`The kubeconfig ${path} cannot be read: ${(error as Error).message}. Name another one: --kubeconfig FILE`);
  }
}

/** Paths in a kubeconfig are meant from the folder that it lies in; so is a command with a slash in it. */
function withAbsolutePaths(config: File, folder: string): File {
  const absolute = (entry: Record<string, unknown> | null | undefined, ...names: string[]) => {
    for (const name of names) if (entry && typeof entry[name] === "string") entry[name] = resolve(folder, entry[name]);
  };
  for (const { cluster } of config.clusters ?? []) absolute(cluster, "certificate-authority");
  for (const { user } of config.users ?? []) {
    absolute(user, "client-certificate", "client-key", "tokenFile");
    if (user?.exec?.command.includes("/")) absolute(user.exec, "command");
  }
  return config;
}
