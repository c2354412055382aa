import { readFileSync } from "node:fs";
import { Agent as HttpAgent, type RequestOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext } from "node:tls";
import { type ClientCertificate, refuseOutOfTime } from "./client-certificate.ts";
import { type ExecCredential, execCredential } from "./exec-credential.ts";
import { type KubeconfigContext, KubeconfigError, type UserEntry } from "./file.ts";

/** The way to the API server of a kubeconfig's context, as its user. */
export interface ClusterConnection {
  server: URL;
  /** PEM of what vouches for the server; undefined: what vouches for web servers. */
  authority: string | undefined;
  /** Of a request: where it goes and who makes it. Errors: KubeconfigError when the user's credentials cannot be had. */
  options(): Promise<RequestOptions & { headers: Record<string, string> }>;
  /** The server has refused the credentials: they are asked for anew. False when there is nobody to ask. */
  forget(): boolean;
  close(): void;
}

/** A plugin's answer is asked for anew this long before it ends. */
const before = 60_000;
const mostSockets = 256;

/** Errors: KubeconfigError for files that cannot be read and for what this does not carry out. */
export function connectionOf(context: KubeconfigContext): ClusterConnection {
  refuseUnsupported(context);
  const { name, cluster, user } = context;
  const server = serverOf(context);
  const authority = pem(cluster, "certificate-authority");
  const own = { certificate: pem(user, "client-certificate"), key: pem(user, "client-key") };
  const agents = new Agents(context, server, authority);
  let fromPlugin: Promise<ExecCredential> | undefined;

  const pluginAnswer = async (): Promise<ExecCredential> => {
    if (!user.exec) return {};
    const answered = await fromPlugin?.catch(() => undefined);
    if (!answered || (answered.expiresAt !== undefined && Date.now() > answered.expiresAt - before)) {
      fromPlugin = execCredential(user.exec, cluster);
    }
    return fromPlugin as Promise<ExecCredential>;
  };
  return {
    ...{ server, authority },
    options: async () => {
      const plugin = await pluginAnswer();
      const certificate = plugin.certificate && plugin.key ? plugin : own;
      const agent = usable(name, certificate, agents);
      const headers = authorization(user, plugin);
      if (!headers.authorization) refuseOutOfTime(name, certificate);
      return {
        ...{ protocol: server.protocol, hostname: server.hostname.replace(/^\[|\]$/g, ""), port: server.port || defaultPort(server) },
        agent,
        headers,
      };
    },
    forget: () => {
      fromPlugin = undefined;
      return user.exec != null || user.tokenFile !== undefined;
    },
    close: () => agents.destroy(),
  };
}

/** What a certificate and key are worth is found out here: a connection would only say that it failed. */
function usable(context: string, certificate: ClientCertificate, agents: Agents): HttpAgent {
  try {
    return agents.with(certificate);
  } catch (error) {
    throw new KubeconfigError(
      `The client certificate of the context ${context} cannot be shown, or what the server is trusted by cannot be read: ${(error as Error).message}`,
    );
  }
}

const defaultPort = ({ protocol }: URL): number => (protocol === "http:" ? 80 : 443);

function serverOf({ name, cluster }: KubeconfigContext): URL {
  const server = URL.parse(cluster.server);
  if (server && ["http:", "https:"].includes(server.protocol)) return server;
  throw new KubeconfigError(`The server of the context ${name} must be an http or https URL, given ${cluster.server}`);
}

function refuseUnsupported({ name, cluster, user }: KubeconfigContext): void {
  const refuse = (what: string, instead: string) => {
    throw new KubeconfigError(`The context ${name} ${what}, which is not carried out here: ${instead}`);
  };
  if (user["auth-provider"] != null) refuse("uses an auth-provider", "Kubernetes itself has replaced those by exec plugins");
  if (user.as !== undefined) refuse("impersonates somebody (as)", "name the user itself, which must be allowed to impersonate");
  const proxy = cluster["proxy-url"];
  if (proxy && !/^https?:\/\//.test(proxy)) refuse(`goes through the proxy ${proxy}`, "only http and https proxies are");
}

/** `<name>-data` in base64, or else the file `<name>`. */
function pem(entry: Record<string, unknown>, name: string): string | undefined {
  const [data, path] = [entry[`${name}-data`], entry[name]];
  if (typeof data === "string" && data !== "") return Buffer.from(data, "base64").toString();
  if (typeof path !== "string" || path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KubeconfigError(`The file that ${name} names cannot be read: ${(error as Error).message}`);
  }
}

/** A token file is read for each request: whoever renews it writes it anew. */
function authorization({ token, tokenFile, username, password }: UserEntry, plugin: ExecCredential): Record<string, string> {
  const bearer = plugin.token ?? (tokenFile === undefined ? token : pem({ tokenFile }, "tokenFile")?.trim());
  if (bearer) return { authorization: `Bearer ${bearer}` };
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}` };
}

/** One agent for each client certificate that is shown: a plugin may change it. */
class Agents {
  readonly #make: (shown: ClientCertificate) => HttpAgent;
  #current: { shown: string; agent: HttpAgent } | undefined;

  constructor({ cluster }: KubeconfigContext, server: URL, authority: string | undefined) {
    const proxy = cluster["proxy-url"];
    const common = { keepAlive: true, maxSockets: mostSockets, ...(proxy && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }) };
    const serverName = cluster["tls-server-name"];
    this.#make = ({ certificate, key }) =>
      server.protocol === "http:"
        ? new HttpAgent(common)
        : new HttpsAgent({
            ...common,
            ...(serverName && { servername: serverName }),
            rejectUnauthorized: !cluster["insecure-skip-tls-verify"],
            // Read once, and not for each connection.
            secureContext: createSecureContext({
              ...(authority && { ca: authority }),
              ...(certificate && key && { cert: certificate, key }),
            }),
          });
  }

  with(shown: ClientCertificate): HttpAgent {
    const name = shown.certificate ?? "";
    if (this.#current?.shown !== name) this.#current = { shown: name, agent: this.#make(shown) };
    return this.#current.agent;
  }

  destroy(): void {
    this.#current?.agent.destroy();
  }
}
