import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel, type Model } from "../../../local/images/onnx-server/model.ts";
import { exportOnnx } from "../../../local/sample/export-onnx.ts";
import { classify, train } from "../../../local/sample/train.ts";

describe("the iris sample", () => {
  const trained = train();
  let folder: string;
  let model: Model;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-iris-"));
    await writeFile(join(folder, "model.onnx"), exportOnnx(trained.classifier));
    model = await loadModel(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("knows the species of most flowers it has not seen", () => {
    expect(trained.heldOut).toHaveLength(30);
    expect(trained.accuracy).toBeGreaterThan(0.9);
  });

  it("holds out rows of every species", () => {
    expect(new Set(trained.heldOut.map((row) => row.label))).toEqual(new Set([0, 1, 2]));
  });

  it("answers the same from the exported ONNX file as from the trained weights", async () => {
    const features = trained.heldOut.map((row) => row.features);
    const [label, probabilities] = await model.infer(
      [{ name: "input", datatype: "FP32", shape: [features.length, 4], data: features.flat() }],
      null,
    );
    expect(label?.data).toEqual(features.map((row) => classify(trained.classifier, row)));
    expect(probabilities?.shape).toEqual([features.length, 3]);
  });
});
