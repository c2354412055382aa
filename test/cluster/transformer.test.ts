import { afterAll, describe, expect, test } from "vitest";
import { artifacts } from "./support/artifact-store.ts";
import { Callers } from "./support/callers.ts";
import { Product } from "./support/product.ts";
import { cluster, isLocal } from "./target.ts";

const product = new Product();
const path = `/v1/models/${product.id}:predict`;
const drain_seconds = isLocal ? 1 : 10;
const setosa = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
/** In centimetres; taken for millimetres it is too small to be any flower but the smallest. */
const virginica = { sepal_length: 6.3, sepal_width: 3.3, petal_length: 6.0, petal_width: 2.5 };

async function speciesOf(flower: object): Promise<string> {
  const answer = await product.call(path, { instances: [flower] });
  const text = await answer.text();
  return answer.ok ? JSON.parse(text).predictions[0].species : `${answer.status} ${text}`;
}

describe.skipIf(!cluster.gatewayUrl || !cluster.hasArtifacts)("a deployment with a transformer", () => {
  afterAll(() => product.end());

  test("START: the script stands before the model, in pods and a Service of its own", async () => {
    const operation = await product.start({
      predictor: { runtime: "onnx", model_uri: artifacts.iris(1) },
      transformer: { runtime: "node", script_uri: artifacts.transformer, env: [{ name: "TOKEN", value: "hidden", secret: true }] },
      smoke_tests: [
        {
          name: "a-setosa",
          method: "POST",
          path,
          body: { instances: [setosa] },
          expect: { status: 200, json: { "predictions.0.species": "setosa" } },
        },
      ],
      rollout: { drain_seconds, warm_seconds: 0, deadline_seconds: 300 },
    });
    await product.adopt();
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(operation.evidence?.digests).toEqual({ predictor: digest, transformer: digest });
    expect(await speciesOf(virginica)).toBe("virginica");
    expect(await product.state()).toMatchObject({
      status: "RUNNING",
      health: "healthy",
      instances: { predictor: { ready: 1, desired: 1 }, transformer: { ready: 1, desired: 1 } },
    });
    const named = (plural: string) => product.objects().then((names) => names.filter((name) => name.startsWith(`${plural}/`)));
    for (const plural of ["deployments", "services", "pods"]) expect(await named(plural)).toHaveLength(2);
    expect(await named("secrets")).toEqual([expect.stringMatching(/-t1-1$/)]);
  });

  test("UPDATE of the transformer alone: nobody notices but by what it answers", async () => {
    const asking = new Callers(() => speciesOf(virginica));
    const transformer = { env: [{ name: "UNITS", value: "mm" }] };
    const operation = await product.update({ transformer, smoke_tests: [] });
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    await expect.poll(() => speciesOf(virginica), { timeout: 30_000, interval: 100 }).toBe("setosa");
    expect(await asking.end()).toEqual(["virginica", "setosa"]);
    await product.untilGone(1);
  });

  test("a script that cannot be loaded: its error and line are the cause, and what served serves on", async () => {
    const operation = await product.update({ transformer: { script_uri: artifacts.brokenScript } });
    expect(operation.outcome).toBe("FAILED");
    expect(operation.cause?.message).toMatch(
      /^transformer of revision 3 \(\w+\): the server crashed \(exit code 1[^)]*\): script broken\.mjs cannot be loaded: ReferenceError: undefinedWords is not defined \(broken\.mjs:2:1\)$/,
    );
    expect(
      operation.evidence?.logs.some(({ component, lines }) => component === "transformer" && lines.join().includes("broken.mjs:2:1")),
    ).toBe(true);
    expect(await speciesOf(virginica)).toBe("setosa");
  });

  test("DELETE: nothing is left of either component", async () => {
    expect(await product.delete()).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    expect(await product.objects()).toEqual([]);
  });
});
