/** Measures what docs/performance.md reports: all of it, or the parts that are named. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { measureBundles } from "./bundles.ts";
import { measureFreshness } from "./freshness.ts";
import { measureIdle } from "./idle.ts";
import { measureFront } from "./kubeconfig-front.ts";
import { measureListPage } from "./list-page.ts";
import { measureLogs } from "./logs.ts";
import { measurePromotion } from "./promotion.ts";
import { load, machine } from "./report.ts";
import { measureRollout } from "./rollout.ts";
import { measureStart } from "./start.ts";
import { measureSwitch } from "./switch/measure-switch.ts";

const parts: Record<string, (options: string[]) => Promise<void>> = {
  start: measureStart,
  idle: measureIdle,
  freshness: measureFreshness,
  list: measureListPage,
  logs: measureLogs,
  bundles: measureBundles,
  rollout: measureRollout,
  promotion: measurePromotion,
  switch: measureSwitch,
  front: measureFront,
  "switch-cluster": onCluster("switch.ts"),
  "idle-connections": onCluster("idle-connections.ts"),
  "rollouts-kwok": onCluster("rollouts-kwok.ts"),
  "product-kwok": onCluster("product-kwok.ts"),
  "fleet-kwok": onCluster("fleet-kwok.ts"),
  "freshness-kwok": onCluster("freshness-kwok.ts"),
};
/** Take minutes or half an hour, or need a cluster: only when they are asked for. */
const longOnes = [
  "list",
  "logs",
  "front",
  "switch",
  "switch-cluster",
  "idle-connections",
  "rollouts-kwok",
  "product-kwok",
  "fleet-kwok",
  "freshness-kwok",
];
/** When it is the only one that is asked for. */
const takesOptions = [...longOnes, "freshness"];

const given = process.argv.slice(2);
const firstOption = given.findIndex((word) => word.startsWith("--"));
const asked = firstOption < 0 ? given : given.slice(0, firstOption);
const options = firstOption < 0 ? [] : given.slice(firstOption);
const unknown = asked.filter((part) => !(part in parts));
if (unknown.length > 0 || (options.length > 0 && !takesOptions.includes(asked.join()))) {
  const wrong = unknown.length > 0 ? unknown.join(", ") : options.join(" ");
  console.error(
    `There is no ${wrong}. Use: npm run bench [-- ${Object.keys(parts).join(" ")} [--rate 500 --requests 1000000 --quick --pods 1000]]`,
  );
  process.exit(2);
}
console.log(machine());
for (const part of asked.length > 0 ? asked : Object.keys(parts).filter((each) => !longOnes.includes(each))) {
  await parts[part]?.(options);
  console.log(`\nload when it ended: ${load()}`);
}

/** A bench that is made of what the cluster suite is made of, on the cluster that SLIPWAY_KUBECONFIG names. */
function onCluster(file: string): (options: string[]) => Promise<void> {
  return async (options) => {
    const path = fileURLToPath(new URL(`../test/cluster/bench/${file}`, import.meta.url));
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path, ...options], { stdio: "inherit" });
    const [code] = await once(child, "exit");
    if (code !== 0) process.exit(code ?? 1);
  };
}
