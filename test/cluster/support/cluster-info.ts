import type { GatewayMetricsPlace } from "../../../domain/place.ts";

/** What the suite must know of the cluster that it runs against; found out once, before the first file. */
export interface ClusterInfo {
  kind: "local" | "real";
  /** `v1.35.4` */
  version: string;
  endpoint: string;
  /** PEM. */
  authority: string;
  administrator: { token?: string; certificate?: string; key?: string };
  images: {
    /** `support/server.ts`, not as root. */
    server: string;
    /** Where Node lies in that image. */
    node: string;
  };
  /** Of this run of the suite: several may use one cluster. */
  run: string;
  /** Whether pods can download what `artifact-store.ts` has. */
  hasArtifacts: boolean;
  /** Of the gateway's data plane; null where the cluster has no Gateway API implementation. */
  gatewayUrl: string | null;
  /** Where that data plane tells what it has counted; null where it is not known to. */
  gatewayMetrics: GatewayMetricsPlace | null;
}

declare module "vitest" {
  export interface ProvidedContext {
    cluster: ClusterInfo;
  }
}

/** The identities of the suite. On a real cluster they are impersonated; the local one takes their names as tokens. */
export const identities = {
  writer: { user: "a-writer", groups: ["slipway:writer"] },
  reader: { user: "a-reader", groups: ["slipway:reader"] },
  prober: { user: "a-prober", groups: ["slipway:prober"] },
  /** As the function that asks before anything is made. */
  preflight: { user: "a-preflight", groups: ["slipway:preflight"] },
  /** As the step functions that move traffic. */
  mover: { user: "a-mover", groups: ["slipway:writer", "slipway:prober"] },
  /** As the one that judges what has traffic. */
  judge: { user: "a-judge", groups: ["slipway:reader", "slipway:prober"] },
  /** A reader whom a flow schema of a test's own may hold back. */
  throttled: { user: "a-throttled", groups: ["slipway:reader"] },
  nobody: { user: "nobody", groups: [] },
} satisfies Record<string, { user: string; groups: string[] }>;
export type IdentityName = keyof typeof identities;

/** Every namespace that the suite makes carries it, with the run that made it: what a killed run left behind can be found. */
export const suiteLabel = "slipway.dev/suite-run";

export const gatewayPlace = { name: "slipway", namespace: "slipway-gateway" };
