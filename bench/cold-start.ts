import { type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { taskRoot } from "../lib/toolkit/authorities.ts";
import { localConfiguration, placeholders } from "../local/configuration.ts";
import { type FunctionConfiguration, functionConfiguration } from "../local/functions/configuration.ts";
import { readApplication } from "../local/template/read-application.ts";
import { synthesize } from "../local/template/synthesize.ts";
import type { TlsFront } from "./tls-front.ts";

const root = join(import.meta.dirname, "..");

/** Processor time, user and system together, in milliseconds. */
export interface ColdStart {
  import: number;
  /** With the first call. */
  total: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a handler answers is its own
  answer?: any;
  /** What the handler threw. */
  error?: string;
}

/** Functions of the template as they are deployed to the system at this address. */
export async function deployedFunctions(url: string): Promise<FunctionConfiguration[]> {
  const { assembly } = await synthesize(root, localConfiguration());
  const application = readApplication(assembly, { placeholder: placeholders.origin, url });
  return application.ofType("AWS::Lambda::Function").map((resource) => functionConfiguration(resource, application));
}

/** Imports a function in a fresh process and gives it its first event. It calls the system's AWS and cluster as the person who runs it. */
export async function coldStart(
  { file, environment, name, title }: FunctionConfiguration,
  aws: TlsFront,
  event: object,
): Promise<ColdStart> {
  const env = {
    ...inFolder(environment, dirname(file)),
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: `${aws.url}/aws`,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_LAMBDA_FUNCTION_NAME: name,
  };
  return inFreshProcess("first-call.mjs", aws, env, { file, event, milliseconds: allowedMilliseconds[title] ?? 60_000 });
}

/** Variables that name a file of the function's, where its code lies here. */
const inFolder = (environment: Record<string, string>, folder: string): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.replace(`${taskRoot}/`, `${folder}/`)]));

/** A watch runs as long as it may. */
const allowedMilliseconds: Record<string, number> = { Watch: 6_000 };

/** The least that a function which speaks to anybody can take: Node's own client, loaded, and one request over TLS. */
export async function floor(aws: TlsFront): Promise<number> {
  return (await inFreshProcess("floor.mjs", aws, {}, { url: `${aws.url}/v1/healthz` })).total;
}

async function inFreshProcess(script: string, aws: TlsFront, env: Record<string, string>, task: object): Promise<ColdStart> {
  const options = { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] } satisfies ForkOptions;
  const child = fork(join(import.meta.dirname, script), { ...options, env: { ...env, NODE_EXTRA_CA_CERTS: aws.authority } });
  child.send(task);
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`${script} ended before it answered`)));
  const [result] = (await Promise.race([once(child, "message"), ended])) as [ColdStart];
  await once(child, "exit");
  return result;
}
