import { labels, managedBy } from "../../domain/names.ts";
import type { GatewayConfiguration } from "../../lib/configuration.ts";
import type { KubernetesApi, KubernetesObject } from "../kubeconfig/api.ts";
import { chooseClass, type GivenGateway, gatewayToMake, isAlb, lookAround } from "../kubeconfig/gateway.ts";
import { broken, type Finding, fine, lacking, whyNot } from "./finding.ts";

const version = "/apis/gateway.networking.k8s.io/v1";

/** As a kubeconfig's cluster has it: its class and its place are found out. */
export async function gateways(api: KubernetesApi, given: GivenGateway): Promise<Finding[]> {
  const defined = await definitions(api);
  if (defined.outcome === "broken") return [defined];
  const chosen = await chooseClass(api, given.class).catch((error: Error) => error);
  if (chosen instanceof Error) return [broken("gateway class", chosen.message, "then look again")];
  const found = [defined, fine("gateway class", `${chosen.name}, of ${chosen.controller}`)];
  const wanted = gatewayToMake(chosen.name, given);
  if (!(await api.find(`${version}/namespaces/${wanted.namespace}/gateways/${wanted.name}`))) return found;
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
  return [...found, await answers(url), figures, ...(await room(api, chosen.controller))];
}

/** Rules and target groups that one ALB has at most, where nobody has asked AWS for more. */
const mostOfAlb = 100;
/** A deployment has a rule of its own, and a target group for each slot. */
const targetGroupsEach = 2;

/** An ALB carries only so many deployments; other data planes have no such end. */
async function room(api: KubernetesApi, controller: string): Promise<Finding[]> {
  if (!isAlb(controller)) return [];
  const selector = encodeURIComponent(`${labels.managedBy}=${managedBy}`);
  const { length } = await api.list(`${version}/httproutes?labelSelector=${selector}`);
  const most = mostOfAlb / targetGroupsEach;
  const given = `one ALB carries ${mostOfAlb} rules and ${mostOfAlb} target groups, which is ${most} deployments in the middle of an update; ${length} are here`;
  if (length < most * 0.8) return [fine("gateway room", given)];
  return [lacking("gateway room", given, "ask AWS for a higher quota of the ALB, or take a gateway behind an NLB, such as Envoy Gateway")];
}

async function definitions(api: KubernetesApi): Promise<Finding> {
  const there = await api.find<{ resources: { kind: string }[] }>(version);
  const missing = ["GatewayClass", "Gateway", "HTTPRoute"].filter((kind) => !there?.resources.some((each) => each.kind === kind));
  if (missing.length === 0) return fine("Gateway API", "defined");
  const install =
    "install the standard channel of the Gateway API, v1.0 or later: https://gateway-api.sigs.k8s.io/guides/#installing-gateway-api";
  return broken("Gateway API", `the cluster does not define ${missing.join(", ")} (gateway.networking.k8s.io/v1)`, install);
}

interface Gateway extends KubernetesObject {
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** As the configuration says that it is: whether its implementation has taken it up. Where it answers is API Gateway's to reach. */
export async function configuredGateway(api: KubernetesApi, wanted: GatewayConfiguration): Promise<Finding[]> {
  const defined = await definitions(api);
  if (defined.outcome === "broken") return [defined];
  const chosen = wanted.controller ? undefined : await chooseClass(api, wanted.class).catch((error: Error) => error);
  if (chosen instanceof Error)
    return [
      defined,
      broken("gateway class", chosen.message.replace(/ Choose one: .*/, ""), "correct clusters.….gateway.class in cdk.json"),
    ];
  const place = `${wanted.namespace}/${wanted.name}`;
  const gateway = await api.find<Gateway>(`${version}/namespaces/${wanted.namespace}/gateways/${wanted.name}`);
  if (!gateway) return [defined, broken("gateway", `there is no Gateway ${place}`, "apply what npm run cluster:bootstrap prints")];
  const conditions = ["Accepted", "Programmed"].map((type) => gateway.status?.conditions?.find((each) => each.type === type));
  if (conditions.every((condition) => condition?.status === "True"))
    return [
      defined,
      fine("gateway", `${place} is programmed, by the class ${wanted.class}`),
      ...(await room(api, wanted.controller ?? chosen?.controller ?? "")),
    ];
  const why = conditions.find((condition) => condition && condition.status !== "True")?.message ?? "nobody has said anything of it";
  return [defined, broken("gateway", `${place} is not programmed: ${why}`, `look at the implementation of the class ${wanted.class}`)];
}

async function answers(url: string): Promise<Finding> {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return fine("gateway", `${url} answers (${status} for a path without a route)`);
  } catch (error) {
    return broken(
      "gateway",
      `${url} does not answer this machine: ${whyNot(error)}`,
      "make a way to it and name it: --gateway-url http://…",
    );
  }
}
