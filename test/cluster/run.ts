import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chanceFailures } from "../chance.ts";

/**
 * `npm run test:cluster [-- --record] [files]`: the suite on the local cluster, or on the one that SLIPWAY_KUBECONFIG
 * names. `--record` writes what a real cluster showed into `recorded/` instead of comparing with it; of the local one it
 * writes only what its objects were (`recorded/objects`), which the product is to judge alike.
 */
const given = process.argv.slice(2);
const isReal = process.env.SLIPWAY_KUBECONFIG !== undefined;
const record = given.includes("--record");
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const config = fileURLToPath(new URL("./vitest.config.ts", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "slipway-suite-"));
const report = join(folder, "report.json");
process.exitCode = await runAll();
rmSync(folder, { recursive: true, force: true });

async function runAll(): Promise<number> {
  const code = await run(given.filter((argument) => argument !== "--record"));
  const failed = code !== 0 && isReal && !record ? chanceFailures(report).map(({ name }) => name) : [];
  if (failed.length === 0) return code;
  // A difference shows twice. Whole files: their namespaces are new ones.
  console.log(`\nOnce more, from the beginning: ${failed.map((file) => basename(file)).join(", ")}`);
  return run(failed);
}

async function run(files: string[]): Promise<number> {
  const reporters = isReal ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", vitest, "run", "--config", config, ...reporters, ...files],
    {
      stdio: "inherit",
      env: { ...process.env, ...(record && { SLIPWAY_RECORD: "1" }) },
    },
  );
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, pass);
  const [code, signal] = await once(child, "exit");
  for (const each of signals) process.off(each, pass);
  if (signal) process.exit(1);
  return code ?? 1;
}
