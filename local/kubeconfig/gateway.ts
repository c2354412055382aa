import type { ClusterConfiguration, GatewayConfiguration } from "../../lib/configuration.ts";
import type { KubernetesApi, KubernetesObject } from "./api.ts";
import { remedy } from "./bootstrap.ts";

/** What the user says of the gateway where it cannot be found out. */
export interface GivenGateway {
  class: string | undefined;
  service: string | undefined;
  port: number | undefined;
  url: string | undefined;
  settle_seconds: number | undefined;
  register_seconds: number | undefined;
}

const api = "/apis/gateway.networking.k8s.io/v1";

/** Its name and its place in every cluster that Slipway sets up. */
export const gatewayPlace = { name: "slipway", namespace: "slipway-gateway" } as const;

const albController = /alb|elbv2|elb\.k8s\.aws/;

/** What is known of implementations: whose figures they tell, and how long their data planes lag (docs/deploy.md). */
const implementations: { controller: RegExp; dialect: "traefik" | "envoy" | null; settle_seconds: number; register_seconds?: number }[] = [
  { controller: /^slipway\.dev\/local-gateway$/, dialect: "traefik", settle_seconds: 0 },
  { controller: /traefik/, dialect: "traefik", settle_seconds: 3 },
  { controller: /envoyproxy/, dialect: "envoy", settle_seconds: 3 },
  { controller: albController, dialect: null, settle_seconds: 5, register_seconds: 30 },
];
export const isAlb = (controller: string): boolean => albController.test(controller);
const unknownImplementation = { dialect: null, settle_seconds: 5, register_seconds: 0 };

interface GatewayClass extends KubernetesObject {
  spec: { controllerName: string };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** The class that the cluster has, or that was asked for. Errors: none, or several to choose from. */
export async function chooseClass(cluster: KubernetesApi, wanted: string | undefined): Promise<{ name: string; controller: string }> {
  const classes = (await cluster.find<{ items: GatewayClass[] }>(`${api}/gatewayclasses`))?.items;
  const names = classes?.map(({ metadata }) => metadata.name) ?? [];
  if (!classes) throw new Error(`The cluster does not know the Gateway API. ${remedy({ apiVersion: "gateway.networking.k8s.io/v1" })}`);
  if (names.length === 0) throw new Error(noClass);
  const found = wanted ? classes?.find(({ metadata }) => metadata.name === wanted) : only(classes ?? []);
  if (!found)
    throw new Error(
      `${wanted ? `The cluster has no GatewayClass ${wanted}` : "The cluster has several GatewayClasses"}. Choose one: --gateway-class ${names.join(" | ")}`,
    );
  return { name: found.metadata.name, controller: found.spec.controllerName };
}

export const noClass =
  "The cluster has no GatewayClass, so nobody would carry requests to the models. Install an implementation of the Gateway API, " +
  "such as Traefik (--set providers.kubernetesGateway.enabled=true) or Envoy Gateway: https://gateway-api.sigs.k8s.io/implementations/";

const isAccepted = ({ status }: GatewayClass) => status?.conditions?.some(({ type, status }) => type === "Accepted" && status === "True");

function only(classes: GatewayClass[]): GatewayClass | undefined {
  if (classes.length === 1) return classes[0];
  const accepted = classes.filter(isAccepted);
  return accepted.length === 1 ? accepted[0] : undefined;
}

/** As the bootstrap needs it: what the Gateway shall be. */
export function gatewayToMake(name: string, { port = 80 }: Partial<GivenGateway>): GatewayConfiguration {
  return { ...gatewayPlace, class: name, controller: null, service: gatewayPlace.name, port, settle_seconds: 0, metrics: null };
}

interface Gateway extends KubernetesObject {
  status?: { addresses?: { value: string }[]; conditions?: { type: string; status: string; message?: string }[] };
}
interface Service extends KubernetesObject {
  spec: { ports?: { port: number; name?: string }[]; selector?: Record<string, string> };
}

export interface FoundGateway {
  configuration: GatewayConfiguration;
  /** Where this machine reaches it. */
  url: string;
}

const patienceMilliseconds = 90_000;
const pauseMilliseconds = 500;

/** Waits until the implementation has made the Gateway's data plane, and tells where it is. */
export async function findGateway(
  cluster: KubernetesApi,
  controller: string,
  made: GatewayConfiguration,
  given: GivenGateway,
): Promise<FoundGateway> {
  const until = Date.now() + patienceMilliseconds;
  for (;;) {
    const found = await lookAround(cluster, controller, made, given);
    if (typeof found !== "string") return found;
    if (Date.now() > until) throw new Error(found);
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
}

/** The data plane, or what of it is missing and how to tell. */
export async function lookAround(
  cluster: KubernetesApi,
  controller: string,
  made: GatewayConfiguration,
  given: GivenGateway,
): Promise<FoundGateway | string> {
  const { name, namespace, port } = made;
  const gateway = await cluster.find<Gateway>(`${api}/namespaces/${namespace}/gateways/${name}`);
  const refused = gateway?.status?.conditions?.find(({ type, status }) => ["Accepted", "Programmed"].includes(type) && status === "False");
  const address = gateway?.status?.addresses?.[0]?.value;
  const url = given.url ?? (address && `http://${address}${port === 80 ? "" : `:${port}`}`);
  if (!url) {
    const why = refused ? `: ${refused.message}` : "";
    return `The Gateway ${namespace}/${name} has no address${why}. When it gets one, start again; or say where it answers: --gateway-url http://…`;
  }
  const service = await serviceOf(cluster, made, given);
  if (!service) return `${noService(namespace)}. When there is one, start again; or name it: --gateway-service NAME`;
  const known = implementations.find((each) => each.controller.test(controller)) ?? unknownImplementation;
  const metrics = known.dialect && (await metricsOf(cluster, namespace, service, known.dialect));
  const settle_seconds = given.settle_seconds ?? known.settle_seconds;
  const register_seconds = given.register_seconds ?? known.register_seconds ?? 0;
  return {
    url,
    configuration: { ...made, service: service.metadata.name, settle_seconds, register_seconds, metrics },
  };
}

const noService = (namespace: string): string =>
  `No Service in the namespace ${namespace} leads to the pods of the gateway, by which routes are probed through the API server`;

async function serviceOf(cluster: KubernetesApi, { name, namespace, port }: GatewayConfiguration, given: GivenGateway) {
  const services = await cluster.list<Service>(`/api/v1/namespaces/${namespace}/services`);
  if (given.service) return services.find(({ metadata }) => metadata.name === given.service);
  const withPort = services.filter(({ spec }) => spec.ports?.some((each) => each.port === port));
  const named = withPort.find(({ metadata }) => metadata.labels?.["gateway.networking.k8s.io/gateway-name"] === name);
  return (
    named ?? withPort.find(({ metadata }) => metadata.name === gatewayPlace.namespace) ?? (withPort.length === 1 ? withPort[0] : undefined)
  );
}

/** By the annotations that Prometheus goes by, which the usual charts put on the pods of a data plane. */
async function metricsOf(cluster: KubernetesApi, namespace: string, { metadata }: Service, dialect: "traefik" | "envoy") {
  const slices = await cluster.list<KubernetesObject & { endpoints?: { targetRef?: { kind?: string; name?: string } }[] }>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=kubernetes.io/service-name=${metadata.name}`,
  );
  const pod = slices.flatMap(({ endpoints }) => endpoints ?? []).find(({ targetRef }) => targetRef?.kind === "Pod")?.targetRef?.name;
  const annotations =
    pod === undefined ? undefined : (await cluster.find(`/api/v1/namespaces/${namespace}/pods/${pod}`))?.metadata.annotations;
  const port = Number(annotations?.["prometheus.io/port"]);
  if (annotations?.["prometheus.io/scrape"] !== "true" || !Number.isInteger(port) || port < 1) return null;
  return { dialect, namespace, service: metadata.name, port, path: annotations["prometheus.io/path"] ?? "/metrics" };
}

/** Where the API server's own requests to pods come from: its addresses, as the cluster itself knows them. */
export async function apiServerCidrs(cluster: KubernetesApi): Promise<ClusterConfiguration["api_server_cidrs"]> {
  const slices = await cluster.find<{ items: { endpoints?: { addresses: string[] }[] }[] }>(
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes",
  );
  const addresses = slices?.items.flatMap(({ endpoints }) => endpoints?.flatMap((each) => each.addresses) ?? []) ?? [];
  return [...new Set(addresses)].map((address) => `${address}/${address.includes(":") ? 128 : 32}`);
}
