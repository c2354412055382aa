import type { ClusterConfiguration } from "../lib/configuration.ts";
import { metricsPath, metricsPort } from "./cluster/gateway/metrics-server.ts";
import type { GatewayOptions } from "./options.ts";

/** Name of the one cluster of this machine. */
export const localCluster = "local";

/**
 * Addresses that are known only when the system runs, as they stand in the template: one synthesized template serves
 * every port and data folder.
 */
export const placeholders = { origin: "http://slipway.invalid", gateway: "http://gateway.slipway.invalid" } as const;

/** What reports to every local system; `--reports` gives others. */
const localReports = {
  webhooks: {
    generic: { kind: "generic", groups: null },
    mlflow: { kind: "mlflow", group: "demo", aliases: { staging: "staging", champion: "production" } },
  },
  sagemaker: { model_package_groups: { "*": { group: "demo" } }, training_jobs: { "*": { group: "demo" } } },
};

type Settling = Pick<GatewayOptions, "settle_seconds" | "register_seconds">;

/** What the local system's own cluster is told to be. */
export function ownCluster(
  { settle_seconds, register_seconds }: Settling = { settle_seconds: 0, register_seconds: 0 },
): ClusterConfiguration {
  const place = { namespace: "slipway-gateway", service: "slipway-gateway" };
  return {
    gateway: {
      class: "slipway-local",
      controller: "slipway.dev/local-gateway",
      name: "slipway",
      ...place,
      port: 80,
      settle_seconds,
      register_seconds,
      metrics: { dialect: "traefik", ...place, port: metricsPort, path: metricsPath },
    },
    api_server_cidrs: ["127.0.0.1/32"],
  };
}

/** The configuration that stands for `slipway` in cdk.json when the template is synthesized for this machine. */
export function localConfiguration(cluster: ClusterConfiguration = ownCluster(), reports: object = localReports): object {
  const place = { cluster: localCluster, namespace_prefix: "slipway" };
  return {
    environments: { staging: place, production: place },
    clusters: { [localCluster]: cluster },
    sign_in: { issuer: `${placeholders.origin}/oidc`, audience: ["slipway"], groups_claim: "groups" },
    endpoints: { base_url: placeholders.origin, gateway_url: placeholders.gateway, vpc_link: null },
    reports,
    log_retention_days: 7,
  };
}
