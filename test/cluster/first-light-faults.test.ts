import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import { Callers } from "./support/callers.ts";
import { cutLine, type Line } from "./support/cut-line.ts";
import { Product } from "./support/product.ts";
import { api, cluster } from "./target.ts";

/** How often the line is found cut. `passing`: fewer times than the adapter tries anything by itself. */
const passing = 3;
/** More: the state machine has to come again. Four kinds of objects are watched side by side. */
const lasting = { watches: 40, request: 6 };
/** A server that is seen running for a while before it answers. */
const slow = { image: cluster.images.server, env: [{ name: "LASTING", value: "3000" }] };
const quick = { image: cluster.images.server, env: [] };
const rollout = { drain_seconds: 0, warm_seconds: 0, deadline_seconds: 300 };

describe.skipIf(!cluster.gatewayUrl)("an API server that goes and comes again", () => {
  let line: Line;
  let product: Product;
  let called: string[];
  beforeAll(async () => {
    line = await cutLine(cluster.endpoint);
    product = new Product(line.endpoint);
    expect(await product.start({ predictor: quick, rollout })).toMatchObject({ outcome: "SUCCEEDED" });
    await product.adopt();
  });
  afterEach(() => {
    product.before = () => undefined;
    line.mend();
  });
  afterAll(async () => {
    await product.end();
    line.stop();
  });

  const count = (name: string) => called.filter((each) => each === name).length;
  const listen = (more: (name: string) => void = () => undefined) => {
    called = [];
    product.before = (name) => {
      called.push(name);
      more(name);
    };
  };
  const stepsOf = ({ steps }: Operation) => steps.map(({ name, outcome }) => `${name} ${outcome}`);
  /** Every update has to be one. */
  let updates = 0;
  const update = (predictor: { env: { name: string; value: string }[] }) => {
    updates += 1;
    return product.update({ predictor: { ...predictor, env: [...predictor.env, { name: "TAG", value: String(updates) }] } });
  };
  const tag = async () => ((await (await product.call("/")).json()) as { tag: string }).tag;

  /** Cuts the line when the new instance runs and is not ready, so that AwaitReady is watching it. */
  async function cutWhileWatching(missed: number): Promise<Operation> {
    listen();
    const operation = update(slow);
    const selector = `labelSelector=slipway.dev/revision=${updates + 1}`;
    await api.untilAny(`${product.paths.pods}?${selector}`, (pod) => pod.status?.phase === "Running");
    await product.untilStep("AwaitReady");
    line.cut();
    await line.untilMissed(missed);
    line.mend();
    return operation;
  }

  test("for a moment while AwaitReady watches: it goes on watching", async () => {
    expect(await cutWhileWatching(passing)).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(count("AwaitReady")).toBe(1);
    await expect.poll(tag, plane).toBe(String(updates));
  });

  /** For a minute the gateway may not have heard of the new instance either. */
  const blind = 60_000;

  test("for longer while AwaitReady watches: the step is begun again", { timeout: 6 * blind }, async () => {
    const operation = await cutWhileWatching(lasting.watches);
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(count("AwaitReady")).toBeGreaterThan(1);
    expect(stepsOf(operation).filter((step) => step.startsWith("AwaitReady"))).toEqual(["AwaitReady SUCCEEDED"]);
    await expect.poll(tag, plane).toBe(String(updates));
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    "after %i requests of ShiftTraffic: the traffic is moved once, and callers see none of it",
    async (requests) => {
      const callers = new Callers(async () => (await product.call("/")).status);
      listen((name) => {
        if (name === "ShiftTraffic" && count(name) === 1) {
          line.cutAfter(requests);
          void line.untilMissed(lasting.request).then(line.mend);
        }
      });
      const operation = await update(quick);
      expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
      expect(stepsOf(operation).filter((step) => step.startsWith("ShiftTraffic"))).toEqual(["ShiftTraffic SUCCEEDED"]);
      await expect.poll(tag, plane).toBe(String(updates));
      expect(await callers.end()).toEqual([200]);
    },
  );
});

const plane = { timeout: 30_000, interval: 100 };
