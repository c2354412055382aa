import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * `npm run test:cluster [-- --record] [files]`: the suite on the local cluster, or on the one that SLIPWAY_KUBECONFIG
 * names. `--record` writes what a real cluster showed into `recorded/` instead of comparing with it.
 */
const given = process.argv.slice(2);
const record = given.includes("--record");
if (record && !process.env.SLIPWAY_KUBECONFIG) {
  console.error("--record writes down what a real cluster shows: name one by SLIPWAY_KUBECONFIG=<file>.");
  process.exit(1);
}
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const config = fileURLToPath(new URL("./vitest.config.ts", import.meta.url));
const others = given.filter((argument) => argument !== "--record");
const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", vitest, "run", "--config", config, ...others], {
  stdio: "inherit",
  env: { ...process.env, ...(record && { SLIPWAY_RECORD: "1" }) },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
