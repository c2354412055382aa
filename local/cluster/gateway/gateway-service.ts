import { isDeepStrictEqual } from "node:util";
import { ruleFor } from "../api/kinds.ts";
import type { Registry } from "../api/registry.ts";
import type { Gateway } from "../objects/gateway-api.ts";
import { ownedBy } from "../objects/resource.ts";
import type { Endpoint, EndpointSlice } from "../objects/workloads.ts";
import { ensureGatewayPod } from "./gateway-pod.ts";
import { metricsPort } from "./metrics-server.ts";

/** Names another Service than `<gateway>-gateway`. */
const nameAnnotation = "slipway.dev/service";

/** Listeners of a data plane's pod are usually above the privileged ports. */
const targetOffset = 10_000;

/** Where the data plane is: its address in the cluster, and what of it answers on a port of that address. */
export interface DataPlaneAddress {
  address: string;
  bind(port: number, what: "requests" | "metrics"): void;
}

/** The Service of a Gateway, with the data plane's pod as its one endpoint. */
export function ensureGatewayService(registry: Registry, gateway: Gateway, { address, bind }: DataPlaneAddress): void {
  const name = gateway.metadata.annotations?.[nameAnnotation] ?? `${gateway.metadata.name}-gateway`;
  const namespace = gateway.metadata.namespace as string;
  const listeners = gateway.spec.listeners.map((listener) => ({
    name: listener.name,
    port: listener.port,
    targetPort: listener.port + targetOffset,
  }));
  const ports = [...listeners, { name: "metrics", port: metricsPort, targetPort: metricsPort }];
  for (const { targetPort } of listeners) bind(targetPort, "requests");
  bind(metricsPort, "metrics");
  const metadata = {
    name,
    namespace,
    labels: { "gateway.networking.k8s.io/gateway-name": gateway.metadata.name },
    ownerReferences: [ownedBy(gateway)],
  };
  const service = registry.find("Service", namespace, name);
  if (!service) registry.create({ apiVersion: "v1", kind: "Service", metadata, spec: { ports } });
  else if (service.metadata.ownerReferences?.some((owner) => owner.uid === gateway.metadata.uid))
    registry.mergePatch(ruleFor("Service"), namespace, name, { spec: { ports } });
  else return;
  const targets = listeners.map(({ targetPort }) => targetPort);
  const pod = ensureGatewayPod(registry, gateway, name, address, targets);
  const targetRef = { kind: "Pod", namespace, name: pod.metadata.name, uid: pod.metadata.uid };
  const conditions = { ready: true, serving: true, terminating: false };
  ensureSlice(registry, name, metadata, { addresses: [address], conditions, targetRef }, ports);
}

function ensureSlice(
  registry: Registry,
  service: string,
  metadata: { namespace: string; labels: Record<string, string>; ownerReferences: ReturnType<typeof ownedBy>[] },
  endpoint: Endpoint,
  ports: { name: string; targetPort: number }[],
): void {
  const content = {
    ports: ports.map(({ name, targetPort }) => ({ name, port: targetPort, protocol: "TCP" })),
    endpoints: [endpoint],
  };
  const name = `${service}-local`;
  const present = registry.find<EndpointSlice>("EndpointSlice", metadata.namespace, name);
  if (present) {
    registry.change<EndpointSlice>("EndpointSlice", present, (draft) => {
      if (!isDeepStrictEqual([draft.ports, draft.endpoints], [content.ports, content.endpoints])) Object.assign(draft, content);
    });
    return;
  }
  const labels = { ...metadata.labels, "kubernetes.io/service-name": service, "endpointslice.kubernetes.io/managed-by": "slipway.dev" };
  registry.create({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, name, labels },
    addressType: "IPv4",
    ...content,
  });
}
