import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bootstrapObjects } from "../../lib/cluster/bootstrap.ts";
import type { ClusterConfiguration } from "../../lib/configuration.ts";
import { clusterIdentity } from "../cluster/api/certificate.ts";
import { KubernetesApi, type KubernetesObject } from "./api.ts";
import type { ArtifactAddress } from "./artifact-door.ts";
import { applyBootstrap, planBootstrap } from "./bootstrap.ts";
import { type Claimant, describeClaimant, holdClaim, refuseIfClaimed } from "./claim.ts";
import { connectionOf } from "./connection.ts";
import { askConsent } from "./consent.ts";
import { ContainerLogs, type LogSink } from "./container-logs.ts";
import { readKubeconfig } from "./file.ts";
import { type FrontParts, startFront } from "./front.ts";
import { apiServerCidrs, chooseClass, findGateway, type GivenGateway, gatewayPlace, gatewayToMake } from "./gateway.ts";
import { installationIn } from "./installation.ts";

export interface KubeconfigOptions {
  /** One file, or several as in KUBECONFIG. */
  file: string;
  context: string | undefined;
  /** Whether what the cluster lacks is applied without a question. */
  yes: boolean;
  /** Whether an installation that does not run loses the cluster to this one. */
  take_over: boolean;
  gateway: GivenGateway;
  /** Where pods find what the local S3 holds; undefined: they do not. */
  artifacts_at: ArtifactAddress | undefined;
}

/** A cluster of somebody's own, which holds what Slipway needs. */
export interface PreparedCluster {
  configuration: ClusterConfiguration;
  gatewayUrl: string;
  /** Starts the endpoint that functions see. `onLost`: another control plane has the cluster now. */
  join(parts: JoinParts, onLost: (message: string) => void): Promise<JoinedCluster>;
}

/** `logs`: takes what containers write. */
type JoinParts = Pick<FrontParts, "authenticate" | "onRequest"> & { logs: LogSink };

export interface JoinedCluster {
  /** `https://127.0.0.1:port` */
  endpoint: string;
  /** PEM in base64, as EKS' DescribeCluster gives it. */
  certificateAuthority: string;
  gatewayUrl: string;
  stop(): Promise<void>;
}

/** Reads, looks, shows, and on consent applies. Errors: each with what was wrong, what was given and what to do. */
export async function prepareCluster(options: KubeconfigOptions, data: string, origin: string): Promise<PreparedCluster> {
  const context = readKubeconfig(options.file, options.context);
  const api = new KubernetesApi(connectionOf(context));
  const { id } = await installationIn(data, api);
  const me = { id, description: describeClaimant(data, origin) };
  await refuseIfClaimed(api, gatewayPlace.namespace, me, options.take_over);

  const gatewayClass = await chooseClass(api, options.gateway.class);
  const wanted = gatewayToMake(gatewayClass.name, options.gateway);
  const steps = await planBootstrap(api, bootstrapObjects({ gateway: wanted }) as KubernetesObject[]);
  await askConsent(steps, `the cluster ${context.clusterName} (context ${context.name})`, {
    ...{ file: join(data, "bootstrap.yaml"), yes: options.yes },
  });
  await applyBootstrap(api, steps);
  const { configuration: gateway, url } = await findGateway(api, gatewayClass.controller, wanted, options.gateway);
  const configuration = { gateway, api_server_cidrs: await apiServerCidrs(api) };
  return {
    ...{ configuration, gatewayUrl: url },
    join: async (parts, onLost) => {
      const joined = await joinCluster(api, me, join(data, "front"), parts, onLost);
      // Connections of its own: logs that are followed keep nobody else waiting.
      const reader = new KubernetesApi(connectionOf(context));
      const logs = new ContainerLogs(reader, parts.logs);
      const stop = async () => {
        logs.stop();
        await joined.stop();
        reader.connection.close();
      };
      return { ...joined, stop, gatewayUrl: url };
    },
  };
}

async function joinCluster(
  api: KubernetesApi,
  me: Claimant,
  folder: string,
  { authenticate, onRequest }: Pick<FrontParts, "authenticate" | "onRequest">,
  onLost: (message: string) => void,
): Promise<Omit<JoinedCluster, "gatewayUrl">> {
  const claim = await holdClaim(api, gatewayPlace.namespace, me, onLost);
  mkdirSync(folder, { recursive: true });
  const identity = await clusterIdentity(folder, "front");
  const front = await startFront({ connection: api.connection, identity, authenticate, onRequest });
  return {
    endpoint: front.endpoint,
    certificateAuthority: Buffer.from(identity.authority).toString("base64"),
    stop: async () => {
      await front.stop();
      await claim.stop();
      api.connection.close();
    },
  };
}
