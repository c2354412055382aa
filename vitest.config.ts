import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Has its own configuration, because it also runs against a real cluster: npm run test:cluster.
    exclude: ["test/cluster/**"],
    // Whole-system tests start the local AWS and cluster; the limit is for a machine that is busy, not a measure.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // Most of a whole system's time is spent waiting.
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { shuffle: { files: true } },
  },
});
