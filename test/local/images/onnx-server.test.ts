import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSamples } from "../../../lambdas/adapters/prometheus-text.ts";
import { loadModel } from "../../../local/images/onnx-server/model.ts";
import { inferenceServer } from "../../../local/images/onnx-server/server.ts";
import { exportOnnx } from "../../../local/sample/export-onnx.ts";
import { train } from "../../../local/sample/train.ts";

const server = inferenceServer("iris");
let folder: string;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-onnx-"));
  server.http.listen(0, "127.0.0.1");
  await once(server.http, "listening");
  base = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.http.close();
  server.http.closeAllConnections();
  await rm(folder, { recursive: true });
});

describe("before the model is loaded", () => {
  it("is live, not ready, and refuses inference as loading", async () => {
    expect((await fetch(`${base}/v2/health/live`)).status).toBe(200);
    expect((await fetch(`${base}/v2/health/ready`)).status).toBe(503);
    expect((await fetch(`${base}/v2/models/iris/ready`)).status).toBe(503);
    expect((await infer(tensor())).status).toBe(503);
  });
});

describe("with the model loaded", () => {
  beforeAll(async () => {
    await writeFile(join(folder, "model.onnx"), exportOnnx(train().classifier));
    server.serve(await loadModel(folder));
  });

  it("is ready and tells its tensors", async () => {
    expect((await fetch(`${base}/v2/health/ready`)).status).toBe(200);
    expect((await fetch(`${base}/v2/models/iris/versions/1/ready`)).status).toBe(200);
    expect(await (await fetch(`${base}/v2/models/iris`)).json()).toEqual({
      name: "iris",
      versions: ["1"],
      platform: "onnxruntime_onnx",
      inputs: [{ name: "input", datatype: "FP32", shape: [-1, 4] }],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1] },
        { name: "probabilities", datatype: "FP32", shape: [-1, 3] },
      ],
    });
  });

  it("classifies a batch given as nested rows, keeps the id and gives only the outputs asked for", async () => {
    const rows = [
      [5.1, 3.5, 1.4, 0.2],
      [6.3, 3.3, 6, 2.5],
    ];
    const answer = await infer({ ...tensor(), shape: [2, 4], data: rows }, { id: "a1", outputs: [{ name: "label" }] });
    expect(await answer.json()).toEqual({
      model_name: "iris",
      model_version: "1",
      id: "a1",
      outputs: [{ name: "label", datatype: "INT64", shape: [2], data: [0, 2] }],
    });
  });

  it("answers many at once, each with its own result", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const data = index % 2 ? [6.3, 3.3, 6, 2.5] : [5.1, 3.5, 1.4, 0.2];
        const body = (await (await infer({ ...tensor(), data })).json()) as { outputs: { data: number[] }[] };
        return body.outputs[0]?.data[0];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 ? 2 : 0)));
  });

  it.each([
    ["an unknown input", { ...tensor(), name: "x" }, 'unknown input "x"'],
    ["another datatype", { ...tensor(), datatype: "FP64" }, "the model takes FP32"],
    ["an unknown datatype", { ...tensor(), datatype: "FLOAT" }, 'datatype "FLOAT" is none of'],
    ["another rank", { ...tensor(), shape: [4] }, "the model takes [-1,4]"],
    ["too few values", { ...tensor(), data: [1] }, "needs 4 values, data has 1"],
    ["a word among numbers", { ...tensor(), data: [1, 2, 3, "4"] }, '"4" is no FP32'],
    ["a negative size", { ...tensor(), shape: [-1, 4] }, "shape must be a list of whole numbers"],
  ])("refuses %s with 400 and the reason", async (_, input, reason) => {
    const answer = await infer(input);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error).toContain(reason);
  });

  it("tells how many inferences it has answered, how they went and how long they took", async () => {
    const told = async () => {
      const answer = await fetch(`${base}/metrics`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
      const samples = readSamples(await answer.text(), ["inference_requests_total", "inference_seconds_sum", "inference_seconds_count"]);
      return samples.map(({ value }) => value);
    };
    const before = await told();
    await infer(tensor());
    await infer({ ...tensor(), name: "x" });
    await fetch(`${base}/v2/models/iris`);
    const [succeeded = 0, refused = 0, failed = 0, seconds = 0, count = 0] = (await told()).map(
      (value, index) => value - (before[index] ?? 0),
    );
    expect([succeeded, refused, failed, count]).toEqual([1, 1, 0, 1]);
    expect(seconds).toBeGreaterThan(0);
  });

  it("refuses a missing input, an unknown output, broken JSON, another model and another method", async () => {
    expect(await refusal({ inputs: [] })).toContain('input "input" is missing');
    expect(await refusal({ inputs: [tensor()], outputs: [{ name: "y" }] })).toContain('unknown output "y"');
    expect(await refusal("{")).toContain("no JSON");
    expect((await fetch(`${base}/v2/models/other/infer`, { method: "POST", body: "{}" })).status).toBe(404);
    expect((await fetch(`${base}/v2/models/iris/infer`, { method: "PUT", body: "{}" })).status).toBe(405);
    expect((await fetch(`${base}/v2/models/iris/versions/2`)).status).toBe(404);
  });
});

it("refuses a folder without an ONNX file, and one with two, by name", async () => {
  const empty = await mkdtemp(join(folder, "empty-"));
  await expect(loadModel(empty)).rejects.toThrow("no .onnx file");
  await writeFile(join(empty, "a.onnx"), "");
  await writeFile(join(empty, "b.onnx"), "");
  await expect(loadModel(empty)).rejects.toThrow("a.onnx, b.onnx");
});

function tensor(): { name: string; shape: number[]; datatype: string; data: unknown[] } {
  return { name: "input", shape: [1, 4], datatype: "FP32", data: [5.1, 3.5, 1.4, 0.2] };
}

function infer(input: unknown, more: object = {}): Promise<Response> {
  return fetch(`${base}/v2/models/iris/infer`, { method: "POST", body: JSON.stringify({ inputs: [input], ...more }) });
}

async function refusal(body: unknown): Promise<string> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(`${base}/v2/models/iris/infer`, { method: "POST", body: text });
  expect(answer.status).toBe(400);
  return ((await answer.json()) as { error: string }).error;
}
