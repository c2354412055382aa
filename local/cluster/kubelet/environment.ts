import { join } from "node:path";
import type { Registry } from "../api/registry.ts";
import type { Resource } from "../objects/resource.ts";
import type { Container, Pod } from "../objects/workloads.ts";
import type { FoundImage } from "./image-store.ts";
import { type MountedFolder, mountedFolders } from "./volumes.ts";

/** Why a container cannot be configured: the message of `CreateContainerConfigError`. */
export class ConfigError extends Error {}

export interface ContainerPlace {
  pod: Pod;
  podIP: string;
  podFolder: string;
  /** containerPort → port on 127.0.0.1. */
  ports: Map<number, number>;
}

export interface Launch {
  command: string[];
  env: Record<string, string>;
}

/** Command and environment of a container, with the pod's paths and ports in place of the ones written for a container. */
export function launchOf(registry: Registry, container: Container, image: FoundImage, place: ContainerPlace): Launch {
  refuseRoot(container, place.pod);
  const declared = declaredEnv(registry, container, place);
  const mounts = mountedFolders(container, place.podFolder);
  const localize = localizer(mounts, place.ports);
  const port = firstPort(container, place.ports);
  const parts = [...(container.command ?? []), ...(container.args ?? [])].map((part) => localize(expand(part, declared)));
  const own = ownWords(image, localizer(mounts.filter(bringsFiles), place.ports), port);
  return {
    command: container.command ? parts : [...own.command, ...parts],
    env: {
      PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
      HOME: join(place.podFolder, "home", container.name),
      ...own.env,
      ...(port !== undefined && { PORT: String(port) }),
      ...mapValues(declared, localize),
    },
  };
}

/** An image speaks of this machine, where its program lies: a folder to write to (`/tmp`) is not meant, what a pod brings to be read is. */
function ownWords({ command, env = {} }: FoundImage, localize: (text: string) => string, port: number | undefined): Launch {
  return { command: command.map((part) => localize(part.replaceAll("{port}", String(port ?? "")))), env: mapValues(env, localize) };
}

const bringsFiles = ({ readOnly }: MountedFolder): boolean => readOnly;

const mapValues = (record: Record<string, string>, map: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

/** Processes run as whoever runs the cluster; asking for root where root is refused fails all the same. */
function refuseRoot(container: Container, { metadata, spec }: Pod): void {
  const { runAsNonRoot, runAsUser } = { ...spec.securityContext, ...container.securityContext };
  if (!runAsNonRoot || runAsUser !== 0) return;
  const pod = `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
  throw new ConfigError(`container's runAsUser breaks non-root policy (pod: "${pod}", container: ${container.name})`);
}

function firstPort(container: Container, ports: Map<number, number>): number | undefined {
  const declared = container.ports?.[0]?.containerPort;
  return declared === undefined ? undefined : ports.get(declared);
}

function declaredEnv(registry: Registry, container: Container, place: ContainerPlace): Record<string, string> {
  const env: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const [kind, reference] = source.secretRef ? (["Secret", source.secretRef] as const) : (["ConfigMap", source.configMapRef] as const);
    const data = readData(registry, place.pod, kind, reference?.name ?? "", reference?.optional);
    for (const [key, value] of Object.entries(data ?? {})) env[`${source.prefix ?? ""}${key}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom ? sourcedValue(registry, place, valueFrom) : expand(value ?? "", env);
    if (found !== undefined) env[name] = found;
  }
  return env;
}

type ValueFrom = NonNullable<NonNullable<Container["env"]>[number]["valueFrom"]>;

function sourcedValue(registry: Registry, place: ContainerPlace, from: ValueFrom): string | undefined {
  if (from.fieldRef) return fieldValue(place, from.fieldRef.fieldPath);
  const [kind, reference] = from.secretKeyRef ? (["Secret", from.secretKeyRef] as const) : (["ConfigMap", from.configMapKeyRef] as const);
  if (!reference) throw new ConfigError("the local cluster has no resourceFieldRef");
  const { name = "", key, optional } = reference;
  const data = readData(registry, place.pod, kind, name, optional);
  if (!data) return undefined;
  if (data[key] === undefined && !optional)
    throw new ConfigError(`couldn't find key ${key} in ${kind} ${place.pod.metadata.namespace}/${name}`);
  return data[key];
}

function readData(
  registry: Registry,
  pod: Pod,
  kind: "Secret" | "ConfigMap",
  name: string,
  optional?: boolean,
): Record<string, string> | undefined {
  const source = registry.find<Resource>(kind, pod.metadata.namespace, name);
  if (!source && optional) return undefined;
  if (!source) throw new ConfigError(`${kind.toLowerCase()} "${name}" not found`);
  const data = (source.data ?? {}) as Record<string, string>;
  if (kind === "ConfigMap") return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

function fieldValue({ pod, podIP }: ContainerPlace, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as "labels" | "annotations"]?.[keyed[2] as string] ?? "";
  const values: Record<string, string | undefined> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "metadata.uid": pod.metadata.uid,
    "spec.nodeName": pod.spec.nodeName,
    "spec.serviceAccountName": pod.spec.serviceAccountName,
    "status.podIP": podIP,
    "status.hostIP": "127.0.0.1",
  };
  const value = values[path];
  if (value === undefined) throw new ConfigError(`the local cluster has no fieldRef ${path}; it has ${Object.keys(values).join(", ")}`);
  return value;
}

/** `$(NAME)` of a known variable; `$$(NAME)` is left as `$(NAME)`. */
function expand(text: string, env: Record<string, string>): string {
  return text.replace(/\$(\$?)\(([\w.-]+)\)/g, (whole, escaped: string, name: string) => (escaped ? whole.slice(1) : (env[name] ?? whole)));
}

function localizer(mounts: MountedFolder[], ports: Map<number, number>): (text: string) => string {
  // All at once: the folder that stands for one path may itself lie below another.
  const escaped = mounts.map(({ mountPath }) => mountPath.replace(/\/+$/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const anyPath = new RegExp(`(?<=^|[=:,;\\s"']|://)(?:${escaped.map((path) => `(${path})`).join("|")})(?=$|[/:,;\\s"'])`, "g");
  const place = (text: string) =>
    text.replace(anyPath, (whole, ...groups) => mounts[groups.slice(0, mounts.length).findIndex(Boolean)]?.folder ?? whole);
  const portNames = [...ports].map(([declared, real]) => ({
    pattern: new RegExp(`^((?:--?[\\w.-]+=)?(?:(?:0\\.0\\.0\\.0|127\\.0\\.0\\.1|localhost|\\[::\\])?:)?)${declared}$`),
    real,
  }));
  return (text) => {
    const placed = mounts.length > 0 ? place(text) : text;
    const named = portNames.find(({ pattern }) => pattern.test(placed));
    return named ? placed.replace(named.pattern, `$1${named.real}`) : placed;
  };
}
