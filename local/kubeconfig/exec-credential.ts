import { spawn } from "node:child_process";
import { once } from "node:events";
import * as z from "zod";
import { type ClusterEntry, type ExecEntry, KubeconfigError } from "./file.ts";

/** What a credential plugin gave: a token, a client certificate, or both. */
export interface ExecCredential {
  token?: string | undefined;
  /** PEM. */
  certificate?: string | undefined;
  key?: string | undefined;
  /** Milliseconds since 1970; undefined: until it is refused. */
  expiresAt?: number | undefined;
}

const patienceMilliseconds = 60_000;
const versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

const answer = z.looseObject({
  apiVersion: z.string(),
  status: z.looseObject({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
  }),
});

/** Runs the plugin as kubectl does, without a terminal. Errors: KubeconfigError with what it said on stderr. */
export async function execCredential(plugin: ExecEntry, cluster: ClusterEntry): Promise<ExecCredential> {
  refuseUnusable(plugin);
  const printed = await run(plugin, cluster);
  const { status } = parseAnswer(plugin, printed);
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status;
  if (!token && !(certificate && key)) {
    throw new KubeconfigError(`The credential plugin ${plugin.command} gave neither a token nor a client certificate with its key`);
  }
  return { token, certificate, key, expiresAt: expirationTimestamp ? Date.parse(expirationTimestamp) : undefined };
}

function refuseUnusable({ command, apiVersion, interactiveMode }: ExecEntry): void {
  if (!versions.includes(apiVersion))
    throw new KubeconfigError(`The credential plugin ${command} is configured for ${apiVersion}; known are ${versions.join(" and ")}`);
  if (interactiveMode === "Always") {
    const instead = "use a context whose credentials need nobody at the keyboard";
    throw new KubeconfigError(`The credential plugin ${command} wants a terminal (interactiveMode: Always), and has none here: ${instead}`);
  }
}

function parseAnswer(plugin: ExecEntry, printed: string): z.infer<typeof answer> {
  try {
    const parsed = answer.parse(JSON.parse(printed));
    if (parsed.apiVersion !== plugin.apiVersion) throw new Error(`its apiVersion is ${parsed.apiVersion}, and not ${plugin.apiVersion}`);
    return parsed;
  } catch (error) {
    // What it printed may be a credential: it is not told.
    const why =
      error instanceof SyntaxError ? "it is not JSON" : error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new KubeconfigError(`What the credential plugin ${plugin.command} printed is no ExecCredential: ${why}`);
  }
}

async function run(plugin: ExecEntry, cluster: ClusterEntry): Promise<string> {
  const { command, args, env, installHint } = plugin;
  const child = spawn(command, args ?? [], {
    env: {
      ...process.env,
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, cluster)),
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: patienceMilliseconds,
  });
  const [printed, complained] = [child.stdout, child.stderr].map((stream) => {
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    return () => Buffer.concat(pieces).toString();
  }) as [() => string, () => string];
  const hint = installHint ? `. ${installHint}` : "";
  const [code, signal] = (await once(child, "close").catch((error: Error) => {
    throw new KubeconfigError(`The credential plugin ${command} cannot be run: ${error.message}${hint}`);
  })) as [number | null, string | null];
  if (code === 0) return printed();
  const how = signal ? `was ended by ${signal} (it has ${patienceMilliseconds / 1000} s)` : `ended with ${code}`;
  throw new KubeconfigError(`The credential plugin ${[command, ...(args ?? [])].join(" ")} ${how}: ${complained().trim()}${hint}`);
}

function execInfo({ apiVersion, provideClusterInfo }: ExecEntry, cluster: ClusterEntry): object {
  const { server, "certificate-authority-data": authority, "tls-server-name": serverName } = cluster;
  const about = { server, "certificate-authority-data": authority, "tls-server-name": serverName };
  return { apiVersion, kind: "ExecCredential", spec: { interactive: false, ...(provideClusterInfo && { cluster: about }) } };
}
