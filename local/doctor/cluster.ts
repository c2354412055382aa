import { accessGroups } from "../../domain/access-groups.ts";
import { labels, managedBy } from "../../domain/names.ts";
import { bootstrapObjects } from "../../lib/cluster/bootstrap.ts";
import { ApiError, type KubernetesApi, type KubernetesObject, Unreachable } from "../kubeconfig/api.ts";
import { planBootstrap } from "../kubeconfig/bootstrap.ts";
import { runningClaim } from "../kubeconfig/claim.ts";
import { KubeconfigError } from "../kubeconfig/file.ts";
import { chooseClass, type GivenGateway, gatewayPlace, gatewayToMake, lookAround } from "../kubeconfig/gateway.ts";
import { broken, type Finding, fine, lacking, unknown } from "./finding.ts";
import { functionRights, ownRights } from "./permissions.ts";

/** ValidatingAdmissionPolicy is on by default from here on. */
const oldestMinor = 30;

/** Looks at everything, changes nothing. What cannot be asked is a finding too; nothing else is asked of a cluster that does not answer. */
export async function examineCluster(api: KubernetesApi, given: GivenGateway): Promise<Finding[]> {
  const reached = await reachability(api);
  if (reached.some(({ outcome }) => outcome === "broken")) return reached;
  const checks: [string, () => Promise<Finding | Finding[]>][] = [
    ["permissions", () => ownRights(api)],
    ["Gateway API", () => gateways(api, given)],
    ["bootstrap", () => bootstrap(api)],
    ["roles", () => functionRights(api)],
    ["service proxy", () => serviceProxy(api)],
    ["pod security", () => podSecurity(api)],
    ["metrics-server", () => metricsServer(api)],
    ["nodes", () => nodes(api)],
    ["control plane", () => controlPlane(api)],
  ];
  const found = await Promise.all(checks.map(([name, check]) => check().catch((error: unknown) => notAsked(name, error))));
  return [...reached, ...found.flat(), images, logs];
}

function notAsked(check: string, error: unknown): Finding {
  if (error instanceof ApiError && error.status === 403) return unknown(check, `not allowed to look: ${error.message}`, "see permissions");
  return unknown(check, (error as Error).message, "mend what it says, and look again");
}

async function reachability(api: KubernetesApi): Promise<Finding[]> {
  const { server } = api.connection;
  try {
    const { gitVersion } = await api.get<{ gitVersion: string }>("/version");
    // Anybody may ask for the version: only this shows that the cluster knows who asks.
    await api.get("/apis");
    return [fine("reachable", `${server.href} answers, and knows the kubeconfig's user`), versionFinding(gitVersion)];
  } catch (error) {
    return [unreachable(error)];
  }
}

function unreachable(error: unknown): Finding {
  if (error instanceof KubeconfigError)
    return broken("reachable", error.message, "mend the kubeconfig, or take another context: --context NAME");
  if (error instanceof ApiError && error.status === 401) {
    return broken(
      "reachable",
      `the cluster does not know the kubeconfig's user (401)`,
      "renew the token, certificate or sign-in that the context uses",
    );
  }
  if (error instanceof ApiError && error.status === 403)
    return broken("reachable", error.message, "take a context whose user has rights in the cluster");
  if (!(error instanceof Unreachable)) throw error;
  return broken("reachable", error.message, remedyFor(error.code));
}

function remedyFor(code: string): string {
  if (code === "CERT_HAS_EXPIRED") return "the server's certificate has ended: renew it, and the authority in the kubeconfig with it";
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|VERIFY|SSL|ERR_TLS/.test(code))
    return "the kubeconfig's certificate-authority must be the one of this server, and its name in the certificate (tls-server-name)";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return "the server's name is not known here: check it, and the VPN or DNS that knows it";
  return "check that the cluster runs, and that this machine may reach it (VPN, firewall, proxy-url)";
}

function versionFinding(gitVersion: string): Finding {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (major === undefined)
    return unknown("version", `the cluster calls its version ${gitVersion}`, `make sure that it is Kubernetes 1.${oldestMinor} or later`);
  if (Number(major) > 1 || Number(minor) >= oldestMinor) return fine("version", `Kubernetes ${gitVersion}`);
  return broken(
    "version",
    `Kubernetes ${gitVersion}, and ValidatingAdmissionPolicy is in 1.${oldestMinor} and later`,
    "upgrade the cluster",
  );
}

async function gateways(api: KubernetesApi, given: GivenGateway): Promise<Finding[]> {
  const definitions = await api.find<{ resources: { kind: string }[] }>("/apis/gateway.networking.k8s.io/v1");
  const missing = ["GatewayClass", "Gateway", "HTTPRoute"].filter((kind) => !definitions?.resources.some((each) => each.kind === kind));
  if (missing.length > 0) {
    const install =
      "install the standard channel of the Gateway API, v1.0 or later: https://gateway-api.sigs.k8s.io/guides/#installing-gateway-api";
    return [broken("Gateway API", `the cluster does not define ${missing.join(", ")} (gateway.networking.k8s.io/v1)`, install)];
  }
  const chosen = await chooseClass(api, given.class).catch((error: Error) => error);
  if (chosen instanceof Error) return [broken("gateway class", chosen.message, "then look again")];
  const found = [fine("Gateway API", "defined"), fine("gateway class", `${chosen.name}, of ${chosen.controller}`)];
  const wanted = gatewayToMake(chosen.name, given);
  if (!(await api.find(`/apis/gateway.networking.k8s.io/v1/namespaces/${wanted.namespace}/gateways/${wanted.name}`))) return found;
  const plane = await lookAround(api, chosen.controller, wanted, given);
  if (typeof plane === "string") return [...found, broken("gateway", plane, "then look again")];
  const { configuration, url } = plane;
  const figures = configuration.metrics
    ? fine("gateway figures", `told on port ${configuration.metrics.port}, ${configuration.metrics.path}`)
    : lacking(
        "gateway figures",
        "the gateway's pods do not say where they tell what they count: nothing is judged by errors and latency",
        "let its pods carry prometheus.io/scrape, /port and /path; Traefik's chart does with metrics.prometheus on",
      );
  return [...found, await answers(url), figures];
}

async function answers(url: string): Promise<Finding> {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return fine("gateway", `${url} answers (${status} for a path without a route)`);
  } catch (error) {
    const why = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
    return broken("gateway", `${url} does not answer this machine: ${why}`, "make a way to it and name it: --gateway-url http://…");
  }
}

async function bootstrap(api: KubernetesApi): Promise<Finding> {
  // Of the gateway's own objects the class alone differs from cluster to cluster, and another check looks at it.
  const objects = (bootstrapObjects({ gateway: gatewayToMake("any", {}) }) as KubernetesObject[]).filter(
    ({ apiVersion }) => !apiVersion?.startsWith("gateway."),
  );
  const todo = (await planBootstrap(api, objects)).filter(({ what }) => what !== "keep");
  if (todo.length === 0) return fine("bootstrap", `all ${objects.length} objects are there`);
  const given = `${todo.length} of ${objects.length} objects are missing or different: ${todo.map(({ title }) => title).join(", ")}`;
  return broken("bootstrap", given, "npm start -- --kubeconfig FILE shows them and applies them on consent");
}

/** Routes, smoke tests and the gateway's figures are asked for by this way. */
async function serviceProxy(api: KubernetesApi): Promise<Finding> {
  const services = await api.find<{ items: { metadata: { name: string }; spec: { ports?: { port: number }[] } }[] }>(
    `/api/v1/namespaces/${gatewayPlace.namespace}/services`,
  );
  const service = services?.items[0];
  if (!service)
    return unknown("service proxy", `no Service is in ${gatewayPlace.namespace} yet to try it with`, "look again after the first start");
  const path = `/api/v1/namespaces/${gatewayPlace.namespace}/services/${service.metadata.name}:${service.spec.ports?.[0]?.port ?? 80}/proxy/`;
  const error = await api.get(path).catch((refused: unknown) => refused);
  if (!(error instanceof Error)) return fine("service proxy", `the API server leads to ${service.metadata.name}`);
  // What the gateway itself answers to a path that nobody has is no Status object of the API server's.
  if (error instanceof ApiError && error.status === 404 && error.reason === "")
    return fine("service proxy", `the API server leads to ${service.metadata.name}`);
  return broken(
    "service proxy",
    `the API server does not lead to the Service ${service.metadata.name}: ${error.message}`,
    "its endpoints must be pods, and the control plane must reach them (security groups, network policies)",
  );
}

async function podSecurity(api: KubernetesApi): Promise<Finding> {
  const namespaces = await api.list(`/api/v1/namespaces?labelSelector=${encodeURIComponent(`${labels.managedBy}=${managedBy}`)}`);
  const loose = namespaces
    .filter(({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted")
    .map(({ metadata }) => metadata.name);
  if (loose.length > 0)
    return lacking(
      "pod security",
      `not restricted in ${loose.join(", ")}`,
      "label them pod-security.kubernetes.io/enforce=restricted, unless a group was allowed more",
    );
  return fine(
    "pod security",
    namespaces.length === 0
      ? "no group has a namespace yet; each is made restricted"
      : `restricted in ${namespaces.length} namespaces of groups`,
  );
}

async function metricsServer(api: KubernetesApi): Promise<Finding> {
  const there = await api.find("/apis/metrics.k8s.io/v1beta1").catch(() => undefined);
  if (there) return fine("metrics-server", "answers");
  return lacking(
    "metrics-server",
    "the cluster tells nobody how busy its pods are: autoscalers stay at their lower bound",
    "install metrics-server: https://github.com/kubernetes-sigs/metrics-server",
  );
}

interface Node extends KubernetesObject {
  spec?: { unschedulable?: boolean };
  status?: {
    allocatable?: Record<string, string>;
    conditions?: { type: string; status: string }[];
    nodeInfo?: { architecture?: string; operatingSystem?: string };
  };
}

async function nodes(api: KubernetesApi): Promise<Finding> {
  const all = await api.list<Node>("/api/v1/nodes");
  const ready = all.filter(
    ({ spec, status }) => !spec?.unschedulable && status?.conditions?.some((each) => each.type === "Ready" && each.status === "True"),
  );
  if (ready.length === 0) return broken("nodes", `none of ${all.length} nodes takes pods`, "add a node, or uncordon one");
  const systems = [...new Set(ready.map(({ status }) => `${status?.nodeInfo?.operatingSystem}/${status?.nodeInfo?.architecture}`))];
  return fine("nodes", `${ready.length} of ${all.length} take pods (${systems.join(", ")})`);
}

async function controlPlane(api: KubernetesApi): Promise<Finding> {
  const who = await runningClaim(api, gatewayPlace.namespace);
  return fine("control plane", who ? `driven by ${who}` : "none drives this cluster now");
}

const images = unknown(
  "images",
  "only a node that pulls an image knows whether it can",
  "see docs/kubernetes.md#images for which are needed; ?dry_run=true on a create tells whether a node has one",
);
const logs = fine(
  "logs",
  `followed by the control plane while it runs, as ${accessGroups.reader} could; docs/kubernetes.md#logs says what that can lose`,
);
