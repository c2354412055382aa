import type { GatewayMetricsPlace } from "../../../domain/place.ts";
import { bootstrapObjects } from "../../../lib/cluster/bootstrap.ts";
import configuration from "../kubernetes/configuration.json" with { type: "json" };
import { type Any, ApiClient } from "./api-client.ts";
import { startArtifactStoreForNode } from "./artifact-store.ts";
import { type ClusterInfo, gatewayPlace, suiteLabel } from "./cluster-info.ts";
import { readKubeconfig } from "./kubeconfig.ts";

const gatewayApi = "/apis/gateway.networking.k8s.io/v1";
const patience = 180_000;
/** No run lasts so long: what is older was left behind by one that was killed. */
const abandonedAfter = 3_600_000;

/** A cluster that somebody else runs: what `cluster:bootstrap` prints is applied to it, and namespaces are made and deleted. */
export async function joinRealCluster(kubeconfig: string): Promise<{ info: ClusterInfo; stop(): Promise<void> }> {
  const access = readKubeconfig(kubeconfig);
  const api = new ApiClient({ ...access, ...access.administrator, patience });
  const version = (await api.get("/version")).body?.gitVersion;
  if (!version) throw new Error(`the cluster of ${kubeconfig} at ${access.endpoint} does not say which version it is`);
  const run = `run-${Date.now()}`;
  await removeNamespaces(api, ({ creationTimestamp }) => Date.now() - Date.parse(creationTimestamp) > abandonedAfter);
  const gateway = await bootstrap(api);
  const artifacts = await startArtifactStoreForNode();
  const images = { server: process.env.SLIPWAY_TEST_IMAGE ?? "localhost/test-server:1", node: "/usr/local/bin/node" };
  return {
    info: { kind: "real", version, run, ...access, images, hasArtifacts: artifacts !== undefined, ...gateway },
    stop: async () => {
      await removeNamespaces(api, ({ labels }) => labels[suiteLabel] === run);
      api.stop();
      await artifacts?.stop();
    },
  };
}

/** Applies the bootstrap objects; gives where the gateway answers and tells its figures, or nulls where no implementation is. */
async function bootstrap(api: ApiClient): Promise<Pick<ClusterInfo, "gatewayUrl" | "gatewayMetrics">> {
  const classes = (await api.get(`${gatewayApi}/gatewayclasses`)).body?.items ?? [];
  const name = process.env.SLIPWAY_GATEWAY_CLASS ?? classes[0]?.metadata.name;
  const port = Number(process.env.SLIPWAY_GATEWAY_PORT ?? 80);
  const gateway = { ...gatewayPlace, class: name ?? "none", controller: null, service: "slipway-gateway", port, metrics: null };
  const objects = bootstrapObjects({ gateway: { ...gateway, settle_seconds: 0 } });
  for (const object of objects as Any[]) if (name || !object.apiVersion.startsWith("gateway.")) await apply(api, object);
  if (!name) return { gatewayUrl: null, gatewayMetrics: null };
  const gateways = `${gatewayApi}/namespaces/${gatewayPlace.namespace}/gateways`;
  const made = await api.until(gateways, gatewayPlace.name, (each) => each.status?.addresses?.length > 0);
  return { gatewayUrl: `http://${made.status.addresses[0].value}:${port}`, gatewayMetrics: metricsOf(name) };
}

/** Those of `cluster:up`'s own gateway; of any other by SLIPWAY_GATEWAY_METRICS, as JSON. */
function metricsOf(className: string): GatewayMetricsPlace | null {
  const given = process.env.SLIPWAY_GATEWAY_METRICS;
  if (given) return JSON.parse(given);
  const { gateway } = configuration.clusters.local;
  return gateway.class === className ? (gateway.metrics as GatewayMetricsPlace) : null;
}

/** Whatever was there before. */
export async function apply(api: ApiClient, object: Any): Promise<void> {
  const { group, version } = groupVersion(object.apiVersion);
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const plural = `${object.kind.toLowerCase()}s`.replace(/([^aeiou])ys$/, "$1ies").replace(/sss$/, "sses");
  const place = object.metadata.namespace ? `${root}/namespaces/${object.metadata.namespace}` : root;
  const path = `${place}/${plural}/${encodeURIComponent(object.metadata.name)}?fieldManager=slipway&force=true`;
  const answer = await api.call("PATCH", path, object, { "Content-Type": "application/apply-patch+yaml" });
  if (answer.status >= 300) throw new Error(`${object.kind} ${object.metadata.name} could not be applied: ${answer.text}`);
}

function groupVersion(apiVersion: string): { group: string; version: string } {
  const [group = "", version] = apiVersion.split("/");
  return version ? { group, version } : { group: "", version: group };
}

async function removeNamespaces(api: ApiClient, which: (metadata: Any) => boolean): Promise<void> {
  const { items } = (await api.get(`/api/v1/namespaces?labelSelector=${suiteLabel}`)).body;
  const names = items.filter(({ metadata }: Any) => which(metadata)).map(({ metadata }: Any) => metadata.name);
  await Promise.all(names.map((name: string) => api.delete(`/api/v1/namespaces/${name}`)));
}
