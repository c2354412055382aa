import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { labels, managedBy } from "../../domain/names.ts";
import type { GatewayConfiguration } from "../configuration.ts";

const apiVersion = "gateway.networking.k8s.io/v1";

/**
 * The one gateway of a cluster, to which every deployment's route attaches. Its namespace does not carry the label of
 * the groups' namespaces: Slipway's functions cannot write there.
 */
export function gatewayObjects(gateway: GatewayConfiguration): KubernetesObject[] {
  const { name, namespace, port } = gateway;
  const routesFromOurNamespaces = {
    namespaces: { from: "Selector", selector: { matchLabels: { [labels.managedBy]: managedBy } } },
    kinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
  };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...gatewayClass(gateway),
    {
      apiVersion,
      kind: "Gateway",
      metadata: { name, namespace },
      spec: {
        gatewayClassName: gateway.class,
        listeners: [{ name: "http", protocol: "HTTP", port, allowedRoutes: routesFromOurNamespaces }],
      },
    },
  ];
}

/** Most implementations bring their own class with them; where one does not, configuration names its controller. */
function gatewayClass({ class: name, controller }: GatewayConfiguration): KubernetesObject[] {
  return controller ? [{ apiVersion, kind: "GatewayClass", metadata: { name }, spec: { controllerName: controller } }] : [];
}
