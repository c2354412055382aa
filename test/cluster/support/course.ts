import { expect, vi } from "vitest";
import { describeState } from "../../../domain/state.ts";
import { cluster, isLocal } from "../target.ts";
import type { Misfortune } from "./misfortunes.ts";
import { Product } from "./product.ts";
import { readSequence, writeSequence } from "./recorded.ts";
import { flawOfCourse, type Shown, shownOf, wordsOf } from "./sequence.ts";

const isRecording = process.env.SLIPWAY_RECORD === "1" && !isLocal;
const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 300 };
const wellAgain = /^RUNNING READY True Ready (healthy|degraded)$/;

/** A deployment that serves, what befalls it, and that it is well again: as a real cluster has shown it, or to be recorded. */
export async function play(name: string, { env = {}, hasTransformer, befall, shown, message, mend }: Misfortune): Promise<void> {
  const product = new Product();
  // What starts anew is seen to.
  const variables = Object.entries({ LASTING: "3000", ...env }).map(([key, value]) => ({ name: key, value }));
  const server = { image: cluster.images.server, env: variables };
  const specification = { predictor: server, ...(hasTransformer && { transformer: server }), rollout };
  let watching: ReturnType<Product["watch"]> | undefined;
  try {
    expect(await product.start(specification)).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    await product.adopt();
    watching = product.watch();
    await product.comesTo(wellAgain);

    const states: Shown[] = [];
    const causes: string[] = [];
    product.record.onObserved = (head, observed) => {
      const seen = shownOf(head, observed, Date.now());
      states.push(seen);
      // The events that tell why may come a moment after what they explain.
      if (shown.test(wordsOf(seen))) causes.push(describeState(head, observed, Date.now()).condition.message);
    };
    await befall(product);
    await vi.waitFor(() => expect(causes).toContainEqual(expect.stringMatching(message)), { timeout: 180_000, interval: 50 });
    await mend?.(product);
    await product.comesTo(wellAgain);
    product.record.onObserved = () => undefined;
    await watching.end();

    const course = { states, end: states.at(-1) as Shown };
    if (isRecording) return writeSequence(name, { kubernetes: cluster.version, ...course });
    expect(flawOfCourse(course, readSequence(name))).toBeUndefined();
  } finally {
    await watching?.end();
    await product.end();
  }
}
