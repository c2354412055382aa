import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeServers, makeFolder, predictorOf, removeFolder, tensor } from "./script-scene.ts";

beforeAll(makeFolder);
afterEach(closeServers);
afterAll(removeFolder);

const sample = async (name: string) => predictorOf(await readFile(new URL(`../../../samples/iris/${name}`, import.meta.url), "utf8"));
const setosa = [5.1, 3.5, 1.4, 0.2];
const versicolor = [5.9, 2.8, 4.3, 1.3];
const virginica = [6.3, 3.3, 6.0, 2.5];

describe("a predictor among the samples", () => {
  it("tells the three species by rules, in both protocols", async () => {
    const client = await sample("rules.mjs");
    expect(await client.predict([setosa, versicolor, virginica])).toEqual({ status: 200, body: { predictions: [0, 1, 2] } });
    const { body } = await client.infer([tensor("input", [...setosa, ...virginica], [2, 4])]);
    expect(body.outputs[0].data).toEqual([0, 2]);
  });

  it("passes the story's smoke test and fails for the species that nobody has tried", async () => {
    const client = await sample("untried.mjs");
    expect((await client.infer([tensor("input", setosa, [1, 4])])).body.outputs[0].data).toEqual([0]);
    expect((await client.predict([versicolor])).status).toBe(200);
    expect(await client.infer([tensor("input", virginica, [1, 4])])).toMatchObject({ status: 500 });
  });
});
