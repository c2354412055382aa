import { parseArgs } from "node:util";
import { KubernetesApi } from "../local/kubeconfig/api.ts";
import { runningClaim } from "../local/kubeconfig/claim.ts";
import { connectionOf } from "../local/kubeconfig/connection.ts";
import { agree } from "../local/kubeconfig/consent.ts";
import { readKubeconfig, usualKubeconfig } from "../local/kubeconfig/file.ts";
import { gatewayPlace } from "../local/kubeconfig/gateway.ts";
import { isEmpty, planRemoval, remove } from "../local/kubeconfig/remove.ts";

/** `npm run cluster:remove -- [--kubeconfig FILE] [--context NAME] [--yes]`: takes everything of Slipway out of a cluster, and only that. */
const usage = "npm run cluster:remove -- [--kubeconfig FILE] [--context NAME] [--yes]";

async function main(words: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: words, options: { kubeconfig: text, context: text, yes: { type: "boolean" } } });
  const context = readKubeconfig(values.kubeconfig ?? usualKubeconfig(), values.context);
  const api = new KubernetesApi(connectionOf(context));
  try {
    await removeFrom(api, `the cluster ${context.clusterName} (context ${context.name})`, values.yes === true);
  } finally {
    api.connection.close();
  }
}

async function removeFrom(api: KubernetesApi, where: string, yes: boolean): Promise<void> {
  const runs = await runningClaim(api, gatewayPlace.namespace);
  if (runs) throw new Error(`A control plane drives ${where}: ${runs}. End it first, or it would make anew what is removed`);
  const removal = await planRemoval(api);
  if (isEmpty(removal)) return console.log(`Nothing of Slipway is in ${where}.`);
  const lines = [
    ...removal.namespaces.map(({ metadata }) => `  Namespace ${metadata.name}, with every deployment in it`),
    ...removal.objects.map(({ title }) => `  ${title}`),
  ];
  console.log(`This is Slipway's in ${where}:\n${lines.join("\n")}\n`);
  if (removal.stays) console.log(`The namespace ${gatewayPlace.namespace} stays: ${removal.stays}.\n`);
  await agree("Remove it?", yes, "Nothing was removed. Read the list, and run it again with --yes");
  await remove(api, removal);
  console.log("Removed. What a control plane has recorded of it stays in its data folder.");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\nUse: ${usage}`);
  process.exitCode = 1;
}
