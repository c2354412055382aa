import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Product } from "./support/product.ts";
import { api, cluster, isLocal } from "./target.ts";

const product = new Product();
/** A kubelet looks once a second, and starts anew what has ended after ten. */
const patience = { timeout: isLocal ? 20_000 : 90_000, interval: 200 };

type Query = Parameters<Product["logs"]>[0];
const lines = async (query?: Query) => (await product.logs(query)).items.map(({ message }) => message);
const say = async (text: string) => {
  await (await product.call(`/say?text=${text}`)).arrayBuffer();
  await expect.poll(async () => (await lines()).at(-1), patience).toBe(text);
};
const sources = async (query?: Query) => (await product.logs(query)).instances;

describe.skipIf(!cluster.gatewayUrl)("what the instances of a deployment write", () => {
  let instance: string;
  beforeAll(async () => {
    await product.startServer();
    instance = (await api.get(product.paths.pods)).body.items[0].metadata.name;
  });
  afterAll(() => product.end());

  test("is given line by line, with who wrote it and when", async () => {
    await say("one");
    const { items, instances } = await product.logs();
    const who = { instance, component: "predictor", container_name: "predictor", revision: 1 };
    expect(items.map(({ message }) => message)).toEqual(["listening", "one"]);
    for (const item of items) expect(item).toEqual({ ...who, at: expect.stringMatching(/^\d{4}-.*Z$/), message: item.message });
    expect(instances).toEqual([{ ...who, state: "read", message: "" }]);
  });

  test("its last lines, those of one container, those since a time", async () => {
    await say("two");
    expect(await lines({ tail: 1 })).toEqual(["two"]);
    expect(await lines({ container_name: "predictor", tail: 2 })).toEqual(["one", "two"]);
    expect(await lines({ component: "transformer" })).toEqual([]);
    const { items } = await product.logs();
    expect(await lines({ since: Date.parse(items.at(-1)?.at ?? "") })).toEqual(["two"]);
    expect(await lines({ until: Date.parse(items[0]?.at ?? "") })).toEqual(["listening"]);
    await expect(product.logs({ container_name: "none" })).rejects.toMatchObject({ code: "not-found" });
  });

  test("by a cursor what has come since, also over the end of a run", async () => {
    const { next_cursor: cursor } = await product.logs();
    expect(await lines({ cursor })).toEqual([]);
    await say("three");
    expect(await lines({ cursor })).toEqual(["three"]);
    expect(await sources({ previous: true })).toMatchObject([{ state: "none" }]);
    await product.call("/exit?code=3").then((answer) => answer.arrayBuffer());
    await expect.poll(() => lines({ cursor }), patience).toEqual(["three", "listening"]);
    expect(await lines()).toEqual(["listening"]);
    expect(await lines({ previous: true })).toEqual(["listening", "one", "two", "three"]);
  });

  test("of an instance that cannot begin: it is being created, and why; of one that is gone: that it is", async () => {
    const updating = product.update({ predictor: { instance_type: "gpu.xlarge" } });
    await expect
      .poll(() => sources({ revisions: [2] }), patience)
      .toMatchObject([{ state: "creating", message: "it has not run yet: it has no node yet" }]);
    const [second] = await sources({ revisions: [2] });
    await product.abort();
    expect(await updating).toMatchObject({ outcome: "CANCELLED" });
    await product.untilGone(2);
    expect(await sources({ instance: second?.instance })).toMatchObject([{ instance: second?.instance, revision: 2, state: "gone" }]);
    await expect(product.logs({ instance: "somebody-elses" })).rejects.toMatchObject({ code: "not-found" });
  });
});
