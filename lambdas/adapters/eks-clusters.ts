import type { Cluster, Clusters } from "../ports/cluster.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";
import { https, tls } from "../runtime/node-http.ts";
import { describeCluster } from "./eks-cluster.ts";
import { eksTokens } from "./eks-token.ts";
import { kubernetesClient } from "./kubernetes-client.ts";
import type { KubernetesAccess, KubernetesConnection } from "./kubernetes-request.ts";

/** The clusters of one AWS account and region, each reached as the role that the credentials belong to, by so many requests at once. */
export function eksClusters(surroundings: AwsSurroundings, atOnce?: number): Clusters {
  const clients = new Map<string, Cluster>();
  return async (name) => {
    const client = clients.get(name) ?? kubernetesClient(eksAccess(name, surroundings), surroundings.clock, atOnce);
    clients.set(name, client);
    return client;
  };
}

/** Endpoint and CA are asked for once in the life of a process, and again when they no longer hold. */
export function eksAccess(name: string, surroundings: AwsSurroundings): KubernetesAccess {
  const tokens = eksTokens(name, surroundings.region, surroundings.credentials, surroundings.clock.now);
  let connecting: Promise<KubernetesConnection> | undefined;
  let current: KubernetesConnection | undefined;
  return {
    connection: async () => {
      connecting ??= connect(name, surroundings);
      try {
        current = await connecting;
        return current;
      } catch (error) {
        connecting = undefined;
        throw error;
      }
    },
    forgetConnection: (stale) => {
      if (stale !== current) return;
      connecting = undefined;
      current = undefined;
    },
    token: tokens.token,
    forgetToken: tokens.forget,
  };
}

async function connect(name: string, surroundings: AwsSurroundings): Promise<KubernetesConnection> {
  const { endpoint, certificate_authority } = await describeCluster(name, surroundings);
  // Made once: an agent that is given the authority alone reads it again for every connection, which costs more than the handshake.
  const secureContext = tls.createSecureContext({ ca: certificate_authority });
  return { endpoint: new URL(endpoint), agent: new https.Agent({ secureContext, keepAlive: true, maxSockets: 32 }) };
}
