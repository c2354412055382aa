/** Measures what docs/performance.md reports: all of it, or the parts that are named. */
import { measureBundles } from "./bundles.ts";
import { measureIdle } from "./idle.ts";
import { load, machine } from "./report.ts";
import { measureRollout } from "./rollout.ts";
import { measureStart } from "./start.ts";

const parts: Record<string, () => Promise<void>> = {
  start: measureStart,
  idle: measureIdle,
  bundles: measureBundles,
  rollout: measureRollout,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !(part in parts));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}. Use: npm run bench [-- ${Object.keys(parts).join(" ")}]`);
  process.exit(2);
}
console.log(machine());
for (const part of asked.length > 0 ? asked : Object.keys(parts)) {
  await parts[part]?.();
  console.log(`\nload when it ended: ${load()}`);
}
