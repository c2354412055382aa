import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./support/longest-first.ts";

const files = "test/cluster/**/*.test.ts";
/** What takes the whole node away has a local cluster of its own. */
const alone = "test/cluster/node-lost.test.ts";
const globalSetup = "test/cluster/support/setup.ts";
const project = (name: string, include: string[], exclude: string[]) => ({
  extends: true as const,
  test: { name, include, exclude, globalSetup },
});
const projects = [project("together", [files], [alone]), project("alone", [alone], [])];

const isReal = process.env.SLIPWAY_KUBECONFIG !== undefined;

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...(isReal ? { include: [files], globalSetup, sequence: { sequencer: LongestFirst } } : { projects }),
    // On a real cluster most of the time is its own back-offs. The limits are for a busy machine, not a measure.
    testTimeout: isReal ? 400_000 : 120_000,
    hookTimeout: isReal ? 400_000 : 240_000,
    expect: { poll: { timeout: 60_000 } },
    // Causes wait side by side; a real node that is too busy leaves out what it would show.
    maxConcurrency: isReal ? 4 : 40,
    maxWorkers: isReal ? 4 : 3,
  },
});
