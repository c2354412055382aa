import { parseArgs } from "node:util";
import { examineCluster } from "../local/doctor/cluster.ts";
import { broken, type Finding, inWords } from "../local/doctor/finding.ts";
import { KubernetesApi } from "../local/kubeconfig/api.ts";
import { connectionOf } from "../local/kubeconfig/connection.ts";
import { KubeconfigError, readKubeconfig, usualKubeconfig } from "../local/kubeconfig/file.ts";
import { readKubeconfigOptions } from "../local/kubeconfig/options.ts";

/**
 * `npm run doctor -- [--kubeconfig FILE] [--context NAME] [--gateway-class NAME] [--gateway-url URL] [--json]`: names what a cluster
 * lacks for Slipway, and how to get it. Changes nothing. Ends with 1 when something is broken.
 */
const text = { type: "string" } as const;
const options = {
  ...{ kubeconfig: text, context: text, "gateway-class": text, "gateway-service": text, "gateway-port": text, "gateway-url": text },
  json: { type: "boolean" },
} as const;

async function examine(words: string[]): Promise<{ findings: Finding[]; json: boolean }> {
  const { values } = parseArgs({ args: words, options });
  const { json = false, ...rest } = values;
  const given = readKubeconfigOptions(
    { kubeconfig: usualKubeconfig(), ...rest },
    { settle_seconds: undefined, register_seconds: undefined },
  );
  if (!given) throw new Error("no kubeconfig is named");
  try {
    const api = new KubernetesApi(connectionOf(readKubeconfig(given.file, given.context)));
    return { json, findings: await examineCluster(api, given.gateway).finally(() => api.connection.close()) };
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return { json, findings: [broken("kubeconfig", error.message, "name one that can be used: --kubeconfig FILE [--context NAME]")] };
  }
}

try {
  const { findings, json } = await examine(process.argv.slice(2));
  console.log(json ? JSON.stringify({ findings }, null, 2) : inWords(findings));
  if (findings.some(({ outcome }) => outcome === "broken")) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
