import type { Tracking } from "../../domain/report-sources.ts";
import { CannotBeAsked, type ModelTracking } from "../ports/report-lookups.ts";
import { NoAnswer } from "../runtime/aws-error.ts";
import { type Answer, exchange } from "../runtime/aws-exchange.ts";
import type { AwsCall } from "../runtime/aws-json.ts";

const timeoutMilliseconds = 5_000;

interface Version {
  version: string;
  source?: string;
  tags?: { key: string; value: string }[];
}

/** MLflow's own REST API; `call` gives the credentials, which are read anew for each report: there are few of them. */
export function mlflowTracking(call: AwsCall): ModelTracking {
  const ask = async (server: Tracking, path: string, query: Record<string, string>): Promise<unknown> => {
    const url = new URL(`${server.url}/api/2.0/mlflow/${path}?${new URLSearchParams(query)}`);
    const headers = { accept: "application/json", ...(await credentials(call, server)) };
    const answer = await exchange({ url, method: "GET", headers, body: "", timeoutMilliseconds, server: "public" }).catch(unanswered);
    return read(url, answer);
  };
  /** `runs:/<id>/<path>` is below where its run keeps its artifacts; the server leaves that to its clients. */
  const ofItsRun = async (location: string | null, server: Tracking): Promise<string | null> => {
    const [, run_id, path] = /^runs:\/+([^/]+)\/(.+)$/.exec(location ?? "") ?? [];
    if (!run_id || !path) return location;
    const found = (await ask(server, "runs/get", { run_id })) as { run?: { info?: { artifact_uri?: string } } } | undefined;
    const root = found?.run?.info?.artifact_uri;
    return root ? `${root.replace(/\/$/, "")}/${path}` : location;
  };
  return {
    async version(server, name, version) {
      const [found, download] = await Promise.all([
        ask(server, "model-versions/get", { name, version }) as Promise<{ model_version?: Version } | undefined>,
        // Where the files of a version lie that was logged as a model or in a run: its source names those only.
        ask(server, "model-versions/get-download-uri", { name, version }) as Promise<{ artifact_uri?: string } | undefined>,
      ]);
      if (!found?.model_version) return undefined;
      const { source = null, tags = [] } = found.model_version;
      const location = await ofItsRun(download?.artifact_uri ?? source, server);
      return { location, tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) };
    },
    async alias(server, name, alias) {
      const found = (await ask(server, "registered-models/alias", { name, alias })) as { model_version?: Version } | undefined;
      return found?.model_version?.version;
    },
  };
}

function unanswered(error: unknown): never {
  if (error instanceof NoAnswer) throw new CannotBeAsked(`the tracking server does not answer: ${error.message}`, true);
  throw error;
}

/** undefined for what the server does not know. */
function read(url: URL, { status, body }: Answer): unknown {
  const said = parse(body);
  if (status === 200 && said !== undefined) return said;
  const code = (said as { error_code?: unknown } | undefined)?.error_code;
  // An alias that nobody has is an invalid parameter there.
  if (code === "RESOURCE_DOES_NOT_EXIST" || (code === "INVALID_PARAMETER_VALUE" && url.pathname.endsWith("/alias"))) return undefined;
  const passes = status >= 500 || status === 429;
  const advice = status === 401 || status === 403 ? ": look at tracking.credentials_secret" : "";
  throw new CannotBeAsked(
    `the tracking server answers ${status}${code ? ` ${String(code)}` : ""} to ${url.origin}${url.pathname}${advice}`,
    passes,
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

async function credentials(call: AwsCall, { credentials_secret: SecretId }: Tracking): Promise<Record<string, string>> {
  if (SecretId === null) return {};
  const { SecretString = "" } = await call<{ SecretString?: string }>("GetSecretValue", { SecretId });
  const given = parse(SecretString) as { username?: string; password?: string; token?: string } | undefined;
  if (given?.token) return { authorization: `Bearer ${given.token}` };
  if (given?.username === undefined || given.password === undefined)
    throw new CannotBeAsked(`the secret ${SecretId} has to hold {"username", "password"} or {"token"}, as JSON`, false);
  return { authorization: `Basic ${Buffer.from(`${given.username}:${given.password}`).toString("base64")}` };
}
