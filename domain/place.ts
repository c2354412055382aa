/** Where an environment runs; frozen into the deployment when it is created. */
export interface ClusterPlace {
  /** EKS cluster name. */
  cluster: string;
  /** Namespace of the group's deployments in this environment. */
  namespace: string;
  gateway: GatewayPlace;
  /** Where requests through the API server's service proxy come from; the namespace admits them to the model servers. */
  api_server_cidrs?: string[];
}

/** A Gateway (Gateway API) and the Service in front of its data plane. */
export interface GatewayPlace {
  name: string;
  namespace: string;
  /** Service of the data plane, reached through the API server's service proxy by probes. */
  service: string;
  port: number;
  /** How long after acceptance the data plane may still serve the old route. */
  settle_seconds: number;
  /**
   * How long a Service has to be in the route before traffic moves to it, where the gateway registers targets and checks
   * their health, as load balancers do; 0 or missing where it follows endpoints.
   */
  register_seconds?: number;
  /** Where the data plane tells what it has counted; null or missing where it does not. */
  metrics?: GatewayMetricsPlace | null;
}

/** Prometheus text of each pod behind a Service. */
export interface GatewayMetricsPlace {
  /** Whose names metrics and labels have. */
  dialect: GatewayDialect;
  namespace: string;
  service: string;
  /** Of the pods, not of the Service. */
  port: number;
  path: string;
}

export const gatewayDialects = ["traefik", "envoy"] as const;

export type GatewayDialect = (typeof gatewayDialects)[number];
