import { afterAll, describe, expect, test } from "vitest";
import { startEmptyRegistry } from "./support/empty-registry.ts";
import { Product } from "./support/product.ts";
import { readSequence, writeSequence } from "./support/recorded.ts";
import { flawOf, type Shown, shownOf } from "./support/sequence.ts";
import { type Start, starts } from "./support/starts.ts";
import { cluster, isLocal } from "./target.ts";

const isRecording = process.env.SLIPWAY_RECORD === "1" && !isLocal;
const registry = await startEmptyRegistry();
const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 300 };

// On one small node two would leave each other no room.
describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("a first start that", { concurrent: isLocal }, () => {
  afterAll(() => registry.stop());

  test.each(Object.keys(starts))("%s goes by what a real cluster has shown", { timeout: 400_000 }, async (name) => {
    const { specification, outcome } = (starts[name] as Start)({ image: cluster.images.server, registry: registry.address });
    const product = new Product();
    const states: Shown[] = [];
    product.record.onObserved = (head, observed) => void states.push(shownOf(head, observed, Date.now()));
    try {
      const operation = await product.start({ rollout, ...specification });
      await product.adopt();
      expect(operation).toMatchObject({ outcome });
      const head = await product.head();
      const sequence = { states, end: shownOf(head, await product.record.observed(head.uid), Date.now()) };
      if (isRecording) return writeSequence(name, { kubernetes: cluster.version, ...sequence });
      expect(flawOf(sequence, readSequence(name))).toBeUndefined();
    } finally {
      await product.end();
    }
  });
});
