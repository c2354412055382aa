import type { ClientRequest } from "node:http";
import { Agent, type AgentOptions } from "node:https";
import { checkServerIdentity } from "node:tls";
import type { KubernetesAccess, KubernetesConnection } from "../../../lambdas/adapters/kubernetes-request.ts";
import { cluster, isLocal } from "../target.ts";
import { type IdentityName, identities } from "./cluster-info.ts";

/** How the product's client gets to the cluster under test as one of the suite's identities, at another address if one is given. */
export function accessAs(name: IdentityName, endpoint = cluster.endpoint): KubernetesAccess {
  const connect = (): KubernetesConnection => ({ endpoint: new URL(endpoint), agent: agentOf(name) });
  let current = connect();
  return {
    connection: async () => current,
    forgetConnection: (stale) => {
      if (stale === current) current = connect();
    },
    token: async () => (isLocal ? identities[name].user : (cluster.administrator.token ?? "none")),
    forgetToken: () => undefined,
  };
}

function agentOf(name: IdentityName): Agent {
  const { certificate: cert, key } = cluster.administrator;
  const host = new URL(cluster.endpoint).hostname;
  const options: AgentOptions = { ca: cluster.authority, keepAlive: true, ...(cert && key && { cert, key }) };
  const agent = new Agent({ ...options, checkServerIdentity: (_asked, shown) => checkServerIdentity(host, shown) });
  return isLocal ? agent : impersonating(agent, name);
}

/** The product's client knows nothing of impersonation: the headers join each request on its way. */
function impersonating(agent: Agent, name: IdentityName): Agent {
  const queue = agent as Agent & { addRequest(request: ClientRequest, ...rest: unknown[]): void };
  const send = queue.addRequest.bind(agent);
  queue.addRequest = (request, ...rest) => {
    const { user, groups } = identities[name];
    request.setHeader("Impersonate-User", user);
    if (groups.length > 0) request.setHeader("Impersonate-Group", groups);
    if (!cluster.administrator.token) request.removeHeader("authorization");
    send(request, ...rest);
  };
  return agent;
}
