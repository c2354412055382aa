import { namespaceName } from "../../domain/names.ts";
import type { ClusterPlace } from "../../domain/place.ts";
import type { Specification } from "../../domain/specification.ts";
import type { EnvironmentPlace } from "./installation.ts";

/** Where a deployment of this group and environment goes that is created now; undefined when there is no such environment. */
export function configuredPlace(
  environments: Record<string, EnvironmentPlace>,
  { group, environment }: Pick<Specification, "group" | "environment">,
): ClusterPlace | undefined {
  const place = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (!place) return undefined;
  const { cluster, namespace_prefix, gateway, api_server_cidrs } = place;
  return {
    cluster,
    namespace: namespaceName(namespace_prefix, group, environment),
    gateway,
    ...(api_server_cidrs && { api_server_cidrs }),
  };
}
