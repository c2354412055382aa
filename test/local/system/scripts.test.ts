import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportOnnx } from "../../../local/sample/export-onnx.ts";
import { train } from "../../../local/sample/train.ts";
import { type Answer, projectRoot, System } from "./system.ts";

const bucket = "script-models";
const broken = "const words = undefined;\nexport const preprocess = (inputs) => inputs;\nwords.split(' ');\n";
const setosa = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const millimetres = Object.fromEntries(Object.entries(setosa).map(([name, value]) => [name, Math.round(value * 10)]));

let system: System;

beforeAll(async () => {
  system = await System.start();
  const credentials = { accessKeyId: "test", secretAccessKey: "local" };
  const s3 = new S3Client({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials, forcePathStyle: true });
  const put = (key: string, body: Uint8Array | string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  const sample = (name: string) => readFile(join(projectRoot, "samples", "iris", name));
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await put("iris/1/model.onnx", exportOnnx(train().classifier));
  await put("iris/1/transformer.mjs", await sample("transformer.mjs"));
  await put("scripts/broken.mjs", broken);
  await put("scripts/transformer.mjs", await sample("transformer.mjs"));
  await put("scripts/rules.mjs", await sample("rules.mjs"));
  s3.destroy();
});
afterAll(() => system?.stop());

const common = { group: "demo", environment: "staging", access: "public", rollout: { drain_seconds: 0 } };
const create = (body: object) => system.call("POST", "/v1/deployments", { body: { ...common, ...body } });
const change = (id: string, body: object) => system.call("PATCH", `/v1/deployments/${id}`, { body });
const predict = (id: string, instances: unknown[]) =>
  system.call("POST", `/endpoints/${id}/v1/models/${id}:predict`, { as: null, body: { instances } });

async function ended({ status, body }: Answer) {
  expect([status, body]).toEqual([202, expect.anything()]);
  const path = `/v1/operations/${body.operation.id}`;
  await system.until(`${path} has ended`, async () => (await system.call("GET", `${path}?wait=25`)).body.outcome !== null, 150);
  return (await system.call("GET", path)).body;
}

describe("a script before a model", () => {
  const id = "flowers";
  const smoke = {
    name: "a-setosa",
    method: "POST",
    path: `/v1/models/${id}:predict`,
    body: { instances: [setosa] },
    expect: { status: 200, json: { "predictions.0.species": "setosa" } },
  };

  it("lies beside it, takes what people know, and gives what they ask for", async () => {
    const predictor = { runtime: "onnx", model_uri: `s3://${bucket}/iris/1` };
    const operation = await ended(await create({ name: id, predictor, transformer: { runtime: "node" }, smoke_tests: [smoke] }));
    expect(operation).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    const { status, body } = await predict(id, [setosa]);
    expect([status, body]).toEqual([200, { predictions: [{ species: "setosa", probability: expect.closeTo(1, 1) }] }]);
  });

  it("says what the caller did wrong", async () => {
    expect(await predict(id, [{ ...setosa, petal_width: "wide" }])).toMatchObject({
      status: 400,
      body: { error: "instance 0 has no number petal_width: give sepal_length, sepal_width, petal_length, petal_width" },
    });
  });

  it("lets V2 through to the model, with its own word added", async () => {
    const inputs = [{ name: "input", datatype: "FP32", shape: [1, 4], data: [6.3, 3.3, 6.0, 2.5] }];
    const { body } = await system.call("POST", `/endpoints/${id}/v2/models/${id}/infer`, { as: null, body: { inputs } });
    expect(body.outputs.map(({ name }: { name: string }) => name)).toEqual(["label", "probabilities", "species"]);
    expect(body.outputs[2].data).toEqual(["virginica"]);
    const metadata = await system.call("GET", `/endpoints/${id}/v2/models/${id}`, { as: null });
    expect(metadata.body).toMatchObject({ platform: "onnxruntime_onnx" });
  });

  it("is changed alone: the script from elsewhere, and another unit", async () => {
    const transformer = { script_uri: `s3://${bucket}/scripts/transformer.mjs`, env: [{ name: "UNITS", value: "mm" }] };
    const inMillimetres = { ...smoke, body: { instances: [millimetres] } };
    expect((await ended(await change(id, { transformer, smoke_tests: [inMillimetres] }))).outcome).toBe("SUCCEEDED");
    expect((await predict(id, [millimetres])).body.predictions[0].species).toBe("setosa");
  });

  it("that fails as it is loaded is told with its error and its line, and the old one serves on", async () => {
    const operation = await ended(await change(id, { transformer: { script_uri: `s3://${bucket}/scripts/broken.mjs` } }));
    expect(operation.outcome).toBe("FAILED");
    expect(operation.cause.message).toMatch(
      /^transformer of revision 3 \(\w+\): the server crashed \(exit code 1[^)]*\): script broken\.mjs cannot be loaded: TypeError: Cannot read properties of undefined \(reading 'split'\) \(broken\.mjs:3:7\)$/,
    );
    const conditions = (await system.call("GET", `/v1/deployments/${id}/conditions`)).body.items;
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: "STARTED", status: "False", message: expect.stringContaining("script broken.mjs cannot be loaded") }),
    );
    const lines = operation.evidence.logs.find(({ component }: { component: string }) => component === "transformer").lines;
    expect(lines.join("\n")).toMatch(/at file:.*broken\.mjs:3:7/);
    expect((await predict(id, [millimetres])).body.predictions[0].species).toBe("setosa");
  });

  it("that is not there is told as a failed download", async () => {
    const operation = await ended(await change(id, { transformer: { script_uri: `s3://${bucket}/scripts/gone.mjs` } }));
    expect(operation.cause.message).toMatch(
      /^transformer of revision 4 .*model download failed in container storage-initializer.*gone\.mjs/,
    );
  });
});

describe("a script as the predictor itself", () => {
  const id = "rules";

  it("answers without any model, in both protocols", async () => {
    const predictor = { runtime: "node", script_uri: `s3://${bucket}/scripts/rules.mjs` };
    expect(await ended(await create({ name: id, predictor }))).toMatchObject({ outcome: "SUCCEEDED", cause: null });
    const rows = [
      [5.1, 3.5, 1.4, 0.2],
      [6.3, 3.3, 6.0, 2.5],
    ];
    expect((await predict(id, rows)).body).toEqual({ predictions: [0, 2] });
    const inputs = [{ name: "input", datatype: "FP32", shape: [2, 4], data: rows.flat() }];
    const { body } = await system.call("POST", `/endpoints/${id}/v2/models/${id}/infer`, { as: null, body: { inputs } });
    expect(body.outputs[0].data).toEqual([0, 2]);
  });

  it("has a name in the catalogue of runtimes, with what a script is called", async () => {
    const { body } = await system.call("GET", "/v1/runtimes");
    expect(body.items.find(({ name }: { name: string }) => name === "node")).toMatchObject({
      protocol: "v2",
      scripts: { predictor: "predictor.mjs", transformer: "transformer.mjs" },
    });
  });

  it("whose artifact has no script says what it has", async () => {
    const predictor = { runtime: "node", model_uri: `s3://${bucket}/iris/1` };
    const operation = await ended(await create({ name: "scriptless", predictor }));
    expect(operation.cause.message).toContain("script predictor.mjs is not there: beside it there is model.onnx, transformer.mjs");
  });
});
