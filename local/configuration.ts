/** Gateway of the local cluster, as its front and the functions know it. */
export const localCluster = "local";

/** The configuration that stands for `slipway` in cdk.json when the template is synthesized for this machine. */
export function localConfiguration(origin: string): object {
  return {
    environments: {
      staging: { cluster: localCluster, namespace_prefix: "slipway" },
      production: { cluster: localCluster, namespace_prefix: "slipway" },
    },
    clusters: {
      [localCluster]: {
        gateway: {
          class: "slipway-local",
          name: "slipway",
          namespace: "slipway-gateway",
          service: "slipway-gateway",
          port: 80,
          settle_seconds: 0,
        },
        api_server_cidrs: ["127.0.0.1/32"],
      },
    },
    sign_in: { issuer: `${origin}/oidc`, audience: ["slipway"], groups_claim: "groups" },
    endpoints: { base_url: origin, gateway_url: gatewayPlaceholder, vpc_link: null },
    log_retention_days: 7,
  };
}

/** Stands in the template for the gateway's address, which only the running cluster knows. */
export const gatewayPlaceholder = "http://gateway.slipway.local";
