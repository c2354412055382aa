import { describe, test } from "vitest";
import { play } from "./support/course.ts";
import { bringUp, mayKill, signal } from "./support/own-processes.ts";
import { api, cluster, isLocal } from "./target.ts";

/**
 * Alone, since all that runs on that node is lost with it. Of a real cluster with
 * SLIPWAY_MAY_KILL=1 SLIPWAY_KUBECONFIG=… npm run test:cluster -- node-lost
 */
const annotated = (value: string | null) =>
  api.patch("/api/v1/nodes/node-1", { metadata: { annotations: { "slipway.dev/kubelet": value } } });

const falls = isLocal ? () => annotated("stopped") : async () => signal("kubelet", "SIGTERM");
const isHeardAgain = isLocal ? () => annotated(null) : bringUp;

describe.skipIf(!cluster.gatewayUrl || !(isLocal || mayKill))("a deployment that serves and", { timeout: 400_000 }, () => {
  test("loses its node goes by what a real cluster has shown", async () => {
    await play("loses its node", {
      befall: async () => void (await falls()),
      shown: /^RUNNING READY False NodeNotReady failed$/,
      message: /^predictor of revision 1 \(\w+\): node node-1 does not report, and its instance counts as not ready/,
      mend: async () => void (await isHeardAgain()),
    });
  });
});
