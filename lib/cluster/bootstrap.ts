import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { ClusterConfiguration } from "../configuration.ts";
import { clusterRoles, flowControl } from "./access.ts";
import { admissionPolicies } from "./admission.ts";
import { gatewayObjects } from "./gateway.ts";

/** Carried by everything of the bootstrap, so that it can be told from what others have made. */
export const partOf = { "app.kubernetes.io/part-of": "slipway" };

/** What a cluster must hold before Slipway can work in it, in the order in which it can be applied. */
export function bootstrapObjects({ gateway }: Pick<ClusterConfiguration, "gateway">): KubernetesObject[] {
  const objects = [...clusterRoles(), ...admissionPolicies(), ...flowControl(), ...gatewayObjects(gateway)];
  return objects.map(({ metadata, ...object }) => ({ ...object, metadata: { ...metadata, labels: { ...partOf, ...metadata.labels } } }));
}
