import type { KubernetesObject } from "../../domain/kubernetes.ts";
import type { ClusterConfiguration } from "../configuration.ts";
import { clusterRoles, flowControl } from "./access.ts";
import { admissionPolicies } from "./admission.ts";
import { gatewayObjects } from "./gateway.ts";

/** What a cluster must hold before Slipway can work in it, in the order in which it can be applied. */
export function bootstrapObjects({ gateway }: Pick<ClusterConfiguration, "gateway">): KubernetesObject[] {
  return [...clusterRoles(), ...admissionPolicies(), ...flowControl(), ...gatewayObjects(gateway)];
}
