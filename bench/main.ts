/** Measures what docs/performance.md reports: all of it, or the parts that are named. */
import { measureBundles } from "./bundles.ts";
import { measureIdle } from "./idle.ts";
import { load, machine } from "./report.ts";
import { measureRollout } from "./rollout.ts";
import { measureStart } from "./start.ts";
import { measureSwitch } from "./switch/measure-switch.ts";

const parts: Record<string, (options: string[]) => Promise<void>> = {
  start: measureStart,
  idle: measureIdle,
  bundles: measureBundles,
  rollout: measureRollout,
  switch: measureSwitch,
};
/** Takes half an hour: only when it is asked for. */
const longOnes = ["switch"];

const given = process.argv.slice(2);
const firstOption = given.findIndex((word) => word.startsWith("--"));
const asked = firstOption < 0 ? given : given.slice(0, firstOption);
const options = firstOption < 0 ? [] : given.slice(firstOption);
const unknown = asked.filter((part) => !(part in parts));
if (unknown.length > 0 || (options.length > 0 && asked.join() !== "switch")) {
  const wrong = unknown.length > 0 ? unknown.join(", ") : options.join(" ");
  console.error(`There is no ${wrong}. Use: npm run bench [-- ${Object.keys(parts).join(" ")} [--quick --rate 500 --requests 1000000]]`);
  process.exit(2);
}
console.log(machine());
for (const part of asked.length > 0 ? asked : Object.keys(parts).filter((each) => !longOnes.includes(each))) {
  await parts[part]?.(options);
  console.log(`\nload when it ended: ${load()}`);
}
