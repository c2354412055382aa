import { afterAll, describe, expect, test, vi } from "vitest";
import { startEmptyRegistry } from "./support/empty-registry.ts";
import { meddleWith } from "./support/meddling.ts";
import { Product } from "./support/product.ts";
import { readSequence, writeSequence } from "./support/recorded.ts";
import { flawOf, type Shown, shownOf } from "./support/sequence.ts";
import { type Start, starts } from "./support/starts.ts";
import { cluster, isLocal } from "./target.ts";

vi.mock(import("../../domain/catalogue/instance-types.ts"), async (original) =>
  (await import("./support/odd-instance-types.ts")).withOddTypes(await original()),
);

const isRecording = process.env.SLIPWAY_RECORD === "1" && !isLocal;
const registry = await startEmptyRegistry();
const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 300 };

const names = Object.keys(starts);
const takesRoom = (name: string) => !starts[name]?.takesNoRoom;

// On one small node two would leave each other no room.
describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("a first start that", { timeout: 400_000 }, () => {
  afterAll(() => registry.stop());

  describe("takes room", { concurrent: isLocal }, () => {
    test.each(names.filter(takesRoom))("%s goes by what a real cluster has shown", play);
  });
  describe("takes none", { concurrent: true }, () => {
    test.each(names.filter((name) => !takesRoom(name)))("%s goes by what a real cluster has shown", play);
  });

  async function play(name: string): Promise<void> {
    const { specification, outcome, cause, meddling } = starts[name] as Start;
    const product = new Product();
    if (meddling) meddleWith(product, meddling);
    const states: Shown[] = [];
    product.record.onObserved = (head, observed) => void states.push(shownOf(head, observed, Date.now()));
    try {
      const operation = await product.start({ rollout, ...specification({ image: cluster.images.server, registry: registry.address }) });
      await product.adopt();
      expect(operation).toMatchObject({ outcome, cause: cause ? { message: expect.stringMatching(cause) } : null });
      const head = await product.head();
      const sequence = { states, end: shownOf(head, await product.record.observed(head.uid), Date.now()) };
      if (isRecording) return writeSequence(name, { kubernetes: cluster.version, ...sequence });
      expect(flawOf(sequence, readSequence(name))).toBeUndefined();
    } finally {
      await product.end();
    }
  }
});
