import { parseArgs } from "node:util";
import { readConfiguration } from "../lib/configuration.ts";
import { projectContext } from "../lib/project-context.ts";
import { openAccount } from "../local/doctor/aws/account.ts";
import { examineAws } from "../local/doctor/aws/examine.ts";
import { examineCluster } from "../local/doctor/cluster.ts";
import { broken, type Finding, inWords } from "../local/doctor/finding.ts";
import { KubernetesApi } from "../local/kubeconfig/api.ts";
import { connectionOf } from "../local/kubeconfig/connection.ts";
import { KubeconfigError, readKubeconfig, usualKubeconfig } from "../local/kubeconfig/file.ts";
import { readKubeconfigOptions } from "../local/kubeconfig/options.ts";

/**
 * `npm run doctor -- [--kubeconfig FILE] [--context NAME] [--gateway-class NAME] [--gateway-url URL] [--json]`: names what a cluster
 * lacks for Slipway, and how to get it. `npm run doctor -- --aws [--stack NAME] [--json]`: the same of an AWS account, of
 * what cdk.json configures. Changes nothing. Ends with 1 when something is broken.
 */
const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ kubeconfig: text, context: text, "gateway-class": text, "gateway-service": text, "gateway-port": text, "gateway-url": text },
  ...{ aws: flag, stack: text, json: flag },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

function ofCluster(values: Omit<Values, "aws" | "stack" | "json">): Promise<Finding[]> | Finding[] {
  const given = readKubeconfigOptions(
    { kubeconfig: usualKubeconfig(), ...values },
    { settle_seconds: undefined, register_seconds: undefined },
  );
  if (!given) throw new Error("no kubeconfig is named");
  try {
    const api = new KubernetesApi(connectionOf(readKubeconfig(given.file, given.context)));
    return examineCluster(api, given.gateway).finally(() => api.connection.close());
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return [broken("kubeconfig", error.message, "name one that can be used: --kubeconfig FILE [--context NAME]")];
  }
}

function examine({ aws, stack, json: _json, ...values }: Values): Promise<Finding[]> | Finding[] {
  const [astray] = Object.keys(values);
  if (aws && astray) throw new Error(`--${astray} is about the cluster of a kubeconfig, and --aws about an account: ask for one at a time`);
  if (aws) return examineAws(openAccount(), readConfiguration(projectContext().slipway), stack ?? "Slipway");
  if (stack !== undefined) throw new Error("--stack is about an AWS account: ask with --aws");
  return ofCluster(values);
}

try {
  const { values } = parseArgs({ options });
  const findings = await examine(values);
  console.log(values.json ? JSON.stringify({ findings }, null, 2) : inWords(findings));
  if (findings.some(({ outcome }) => outcome === "broken")) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
