import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { isLocal } from "../target.ts";

/** Only on a cluster of `npm run cluster:up`, and alone: whoever else uses it meanwhile is hit as well. */
export const mayKill = !isLocal && process.env.SLIPWAY_MAY_KILL === "1";

/** Sends a signal to one of the cluster's own processes, by the name of its log. */
export function signal(name: string, what: "SIGKILL" | "SIGTERM"): void {
  const state = dirname(process.env.SLIPWAY_KUBECONFIG ?? "");
  process.kill(Number(readFileSync(join(state, "run", `${name}.pid`), "utf8")), what);
}

/** Started again, the cluster starts what does not run. */
export const bringUp = () => promisify(execFile)("bash", [join(import.meta.dirname, "..", "kubernetes", "up.sh")]);
