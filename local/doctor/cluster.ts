import { accessGroups } from "../../domain/access-groups.ts";
import { labels, managedBy } from "../../domain/names.ts";
import { bootstrapObjects } from "../../lib/cluster/bootstrap.ts";
import type { GatewayConfiguration } from "../../lib/configuration.ts";
import { ApiError, type KubernetesApi, type KubernetesObject } from "../kubeconfig/api.ts";
import { planBootstrap } from "../kubeconfig/bootstrap.ts";
import { runningClaim } from "../kubeconfig/claim.ts";
import { type GivenGateway, gatewayPlace, gatewayToMake } from "../kubeconfig/gateway.ts";
import { broken, type Finding, fine, lacking, unknown } from "./finding.ts";
import { configuredGateway, gateways } from "./gateway.ts";
import { nodes } from "./nodes.ts";
import { functionRights, ownRights } from "./permissions.ts";
import { reachability } from "./reachability.ts";

type Check = [name: string, look: () => Promise<Finding | Finding[]>];

/** Looks at everything, changes nothing. What cannot be asked is a finding too; nothing else is asked of a cluster that does not answer. */
export async function examineCluster(api: KubernetesApi, given: GivenGateway): Promise<Finding[]> {
  const reached = await reachability(api);
  if (reached.some(({ outcome }) => outcome === "broken")) return reached;
  // Of the gateway's own objects the class alone differs from cluster to cluster, and another check looks at it.
  const objects = bootstrapOf(gatewayToMake("any", {})).filter(({ apiVersion }) => !apiVersion?.startsWith("gateway."));
  const found = await looked("see permissions", [
    ["permissions", () => ownRights(api)],
    ["Gateway API", () => gateways(api, given)],
    ["bootstrap", () => bootstrap(api, objects, "npm start -- --kubeconfig FILE shows them and applies them on consent")],
    ...common(api, gatewayPlace),
    ["control plane", () => controlPlane(api)],
  ]);
  return [...reached, ...found, logs];
}

/**
 * The same of a cluster on EKS that the stack's functions work in: it is as configured, and functions have rights of their
 * own. Who looks needs none but to look.
 */
export async function examineOnEks(api: KubernetesApi, gateway: GatewayConfiguration, cluster: string): Promise<Finding[]> {
  const [reached, ...version] = await reachability(api);
  if (reached?.outcome !== "fine") {
    const todo = `give yourself an access entry with the policy AmazonEKSClusterAdminPolicy, or ask with a kubeconfig: npm run doctor -- --kubeconfig FILE`;
    return [unknown("inside", `what is in the cluster could not be asked: ${reached?.given}`, todo)];
  }
  const apply = `read what npm run cluster:bootstrap -- ${cluster} prints, then pipe it to kubectl apply --server-side -f -`;
  const found = await looked("look as somebody who may, such as with the access policy AmazonEKSClusterAdminPolicy", [
    ["Gateway API", () => configuredGateway(api, gateway)],
    ["bootstrap", () => bootstrap(api, bootstrapOf(gateway), apply)],
    ...common(api, gateway, gateway.service),
  ]);
  return [fine("inside", "the API server answers, and knows you"), ...version, ...found];
}

const common = (api: KubernetesApi, { namespace }: { namespace: string }, service?: string): Check[] => [
  ["roles", () => functionRights(api)],
  ["service proxy", () => serviceProxy(api, namespace, service)],
  ["pod security", () => podSecurity(api)],
  ["metrics-server", () => metricsServer(api)],
  ["nodes", () => nodes(api)],
];

async function looked(whenForbidden: string, checks: Check[]): Promise<Finding[]> {
  const notAsked = (check: string, error: unknown): Finding => {
    if (error instanceof ApiError && error.status === 403) return unknown(check, `not allowed to look: ${error.message}`, whenForbidden);
    return unknown(check, (error as Error).message, "mend what it says, and look again");
  };
  return (await Promise.all(checks.map(([name, check]) => check().catch((error: unknown) => notAsked(name, error))))).flat();
}

const bootstrapOf = (gateway: GatewayConfiguration) => bootstrapObjects({ gateway }) as KubernetesObject[];

async function bootstrap(api: KubernetesApi, objects: KubernetesObject[], apply: string): Promise<Finding> {
  const todo = (await planBootstrap(api, objects)).filter(({ what }) => what !== "keep");
  if (todo.length === 0) return fine("bootstrap", `all ${objects.length} objects are there`);
  const given = `${todo.length} of ${objects.length} objects are missing or different: ${todo.map(({ title }) => title).join(", ")}`;
  return broken("bootstrap", given, apply);
}

/** Routes, smoke tests and the gateway's figures are asked for by this way. */
async function serviceProxy(api: KubernetesApi, namespace: string, named?: string): Promise<Finding> {
  const services = await api.find<{ items: { metadata: { name: string }; spec: { ports?: { port: number }[] } }[] }>(
    `/api/v1/namespaces/${namespace}/services`,
  );
  const service = services?.items.find(({ metadata }) => named === undefined || metadata.name === named);
  if (!service)
    return unknown(
      "service proxy",
      `no Service${named ? ` ${named}` : ""} is in ${namespace} yet to try it with`,
      "look again when the gateway is there",
    );
  const path = `/api/v1/namespaces/${namespace}/services/${service.metadata.name}:${service.spec.ports?.[0]?.port ?? 80}/proxy/`;
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

async function controlPlane(api: KubernetesApi): Promise<Finding> {
  const who = await runningClaim(api, gatewayPlace.namespace);
  return fine("control plane", who ? `driven by ${who}` : "none drives this cluster now");
}

const logs = fine(
  "logs",
  `followed by the control plane while it runs, as ${accessGroups.reader} could; docs/kubernetes.md#logs says what that can lose`,
);
