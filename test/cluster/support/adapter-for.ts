import { Agent } from "node:https";
import { checkServerIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import { kubernetesClient } from "../../../lambdas/adapters/kubernetes-client.ts";
import type { KubernetesAccess, KubernetesConnection } from "../../../lambdas/adapters/kubernetes-request.ts";
import type { Cluster } from "../../../lambdas/ports/cluster.ts";
import { type ClusterInfo, type IdentityName, identities } from "./cluster-info.ts";

const clock = { now: Date.now, sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)) };

export interface AdapterOptions {
  /** In place of the cluster's own, each time that the adapter looks where the API server is. */
  place?: () => { endpoint?: string; authority?: string };
  /** Each token that the adapter asks for; the identity's own when not given. */
  token?: () => string;
  /** Connections are kept between requests, as warm functions keep them. */
  keepAlive?: boolean;
}

export interface AdapterUnderTest {
  cluster: Cluster;
  /** How often the adapter found its knowledge stale. */
  forgotten: { connections: number; tokens: number };
}

/** The product's own client of that cluster, as one identity of the suite. */
export function adapterFor(
  { kind, endpoint, authority, administrator }: ClusterInfo,
  name: IdentityName,
  options: AdapterOptions = {},
): AdapterUnderTest {
  const own = identities[name];
  const forgotten = { connections: 0, tokens: 0 };
  let connection: KubernetesConnection | undefined;
  const connect = (): KubernetesConnection => {
    const place = { endpoint, authority, ...options.place?.() };
    // The certificate names the API server, also where something in between is asked for it.
    const { hostname } = new URL(endpoint);
    const { certificate, key } = administrator;
    const isOwn = kind === "local" || !certificate;
    const tls = {
      ...(options.keepAlive && { keepAlive: true }),
      // Made once, as the product does, and not for each connection.
      secureContext: createSecureContext({ ca: place.authority, ...(!isOwn && { cert: certificate, key }) }),
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(hostname, certificate),
    };
    return {
      endpoint: new URL(place.endpoint),
      agent: kind === "local" ? new Agent(tls) : new ImpersonatingAgent(own, tls),
    };
  };
  const access: KubernetesAccess = {
    connection: async () => (connection ??= connect()),
    forgetConnection: () => {
      forgotten.connections += 1;
      connection = undefined;
    },
    token: async () => options.token?.() ?? (kind === "local" ? own.user : (administrator.token ?? "none")),
    forgetToken: () => {
      forgotten.tokens += 1;
    },
  };
  return { cluster: kubernetesClient(access, clock), forgotten };
}

interface Outgoing {
  setHeader(name: string, value: string | string[]): void;
}

/** Adds to each request whom it is for: what an authenticator in front of a real cluster would find out of the token. */
class ImpersonatingAgent extends Agent {
  readonly #as: { user: string; groups: string[] };
  constructor(as: { user: string; groups: string[] }, tls: object) {
    super(tls);
    this.#as = as;
  }

  addRequest(outgoing: Outgoing, ...rest: unknown[]): void {
    outgoing.setHeader("Impersonate-User", this.#as.user);
    if (this.#as.groups.length > 0) outgoing.setHeader("Impersonate-Group", this.#as.groups);
    (Agent.prototype as unknown as { addRequest(...all: unknown[]): void }).addRequest.call(this, outgoing, ...rest);
  }
}
