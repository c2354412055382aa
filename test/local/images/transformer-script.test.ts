import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadScript } from "../../../local/images/node-script/script.ts";
import { scriptServer } from "../../../local/images/node-script/server.ts";
import {
  clientOf,
  closeServers,
  fakePredictor,
  listening,
  makeFolder,
  model,
  open,
  removeFolder,
  tensor,
  transformerOf,
} from "./script-scene.ts";

beforeAll(makeFolder);
afterEach(closeServers);
afterAll(removeFolder);

describe("a script as transformer", () => {
  const both = `
    export const preprocess = (inputs, request) => {
      request.count = inputs.length;
      return [{ name: "input", datatype: "FP32", shape: [inputs.length, 1], data: inputs.map(({ value }) => value) }];
    };
    export const postprocess = ([label], { count }) => label.data.map((each) => ({ label: each, of: count }));`;
  const labels = { model_name: "iris", outputs: [{ name: "label", datatype: "INT64", shape: [2], data: [0, 2] }] };

  it("asks the predictor in its own protocol, between its two steps", async () => {
    const { host, seen } = await fakePredictor(() => ({ body: labels }));
    const client = await transformerOf(both, host);
    const { status, body } = await client.call(
      "POST",
      "/v1/models/iris:predict",
      { instances: [{ value: 1 }, { value: 2 }] },
      { "x-trace": "t1" },
    );
    expect([status, body]).toEqual([
      200,
      {
        predictions: [
          { label: 0, of: 2 },
          { label: 2, of: 2 },
        ],
      },
    ]);
    expect(seen).toMatchObject([
      {
        method: "POST",
        url: "/v2/models/iris/infer",
        headers: { "x-trace": "t1" },
        body: { inputs: [{ name: "input", data: [1, 2], shape: [2, 1] }] },
      },
    ]);
  });

  it("without a step goes on with what there is, and carries what it does not know", async () => {
    const { host, seen } = await fakePredictor(({ body }) => ({ body: { ...body, outputs: body.inputs } }));
    const client = await transformerOf("export const postprocess = (outputs) => outputs;", host);
    const own = { ...tensor("a", [1, 2]), parameters: { scale: 2 } };
    const more = { id: "9", parameters: { seed: 3 }, outputs: [{ name: "a" }] };
    expect((await client.infer([own], more)).body).toEqual({ model_name: "iris", model_version: "1", id: "9", outputs: [own] });
    expect(seen[0]?.body).toEqual({ ...more, inputs: [own] });
  });

  it("stands between callers of one protocol and a predictor of the other", async () => {
    const v1 = await fakePredictor(({ body }) => ({ body: { predictions: body.instances } }));
    const before = await transformerOf("export const preprocess = (inputs) => inputs;", v1.host, "v1");
    expect((await before.infer([tensor("a", [1, 2, 3, 4], [2, 2])])).body.outputs).toEqual([tensor("output-0", [1, 2, 3, 4], [2, 2])]);
    expect(v1.seen[0]).toMatchObject({
      url: "/v1/models/iris:predict",
      body: {
        instances: [
          [1, 2],
          [3, 4],
        ],
      },
    });
    const outputs = [tensor("label", [0, 2]), tensor("probabilities", [0.9, 0.1, 0.2, 0.8], [2, 2])];
    const v2 = await fakePredictor(() => ({ body: { outputs } }));
    const after = await transformerOf("export const preprocess = (inputs) => inputs;", v2.host);
    expect((await after.predict([[1], [2]])).body.predictions).toEqual([
      { label: 0, probabilities: [0.9, 0.1] },
      { label: 2, probabilities: [0.2, 0.8] },
    ]);
    expect((await after.get("/v1/models/iris")).body).toEqual({ name: "iris", ready: true });
  });

  it("passes everything else on as it is, whoever it is for", async () => {
    const { host, seen } = await fakePredictor(({ url }) => ({ status: url === "/v2/models/iris" ? 200 : 418, body: { url } }));
    const client = await transformerOf(both, host);
    expect(await client.get("/v2/models/iris")).toEqual({ status: 200, body: { url: "/v2/models/iris" } });
    const answer = await client.call("PUT", "/any/thing?x=1", { free: "form" }, { "x-trace": "t2" });
    expect(answer).toEqual({ status: 418, body: { url: "/any/thing?x=1" } });
    expect(seen[1]).toMatchObject({ method: "PUT", body: { free: "form" }, headers: { "x-trace": "t2" } });
  });

  it("is live by itself, and ready once it has reached its predictor, whatever becomes of that later", async () => {
    const alone = await transformerOf(both, "127.0.0.1:1");
    expect(await alone.get("/v2/health/live")).toEqual({ status: 200, body: { live: true } });
    expect(await alone.get("/v2/health/ready")).toEqual({ status: 503, body: { ready: false } });
    const { host } = await fakePredictor(() => ({ status: 404, body: {} }));
    const client = await transformerOf(both, host);
    expect(await client.get("/v2/health/ready")).toEqual({ status: 200, body: { ready: true } });
    const predictor = open.find((server) => host.endsWith(`:${(server.address() as AddressInfo | null)?.port}`));
    predictor?.close();
    predictor?.closeAllConnections();
    expect((await client.predict([{ value: 1 }])).status).toBe(503);
    expect(await client.get("/v2/health/ready")).toEqual({ status: 200, body: { ready: true } });
  });

  it("gives the predictor's refusal as it is, and 503 when there is nobody", async () => {
    const { host } = await fakePredictor(() => ({ status: 422, body: { error: "unknown input" } }));
    const refused = await transformerOf(both, host);
    expect(await refused.predict([{ value: 1 }])).toEqual({ status: 422, body: { error: "unknown input" } });
    const alone = await transformerOf(both, "127.0.0.1:1");
    const nobody = { status: 503, body: { error: expect.stringMatching(/^the predictor cannot be reached: .*ECONNREFUSED/) } };
    expect(await alone.predict([{ value: 1 }])).toEqual(nobody);
    expect(await alone.get("/elsewhere")).toEqual(nobody);
  });

  it("is told as the one at fault when it asks what cannot be asked", async () => {
    const { host, seen } = await fakePredictor(() => ({ body: labels }));
    const client = await transformerOf("export const preprocess = () => ({ not: 'a list' });", host);
    expect(await client.predict([1])).toMatchObject({
      status: 500,
      body: { error: expect.stringContaining("what it returned for the predictor is wrong: ") },
    });
    expect(seen).toEqual([]);
  });
});

describe("the sample", () => {
  const sample = (name: string) => join(import.meta.dirname, "..", "..", "..", "samples", "iris", name);

  it("rules.mjs tells the species by either protocol", async () => {
    const server = scriptServer({ role: "predictor", name: "iris", predictor: null });
    server.serve(await loadScript(sample("rules.mjs"), "predictor", model));
    const client = clientOf(await listening(server.http));
    const rows = [
      [5.1, 3.5, 1.4, 0.2],
      [6.3, 3.3, 6.0, 2.5],
    ];
    expect((await client.predict(rows)).body).toEqual({ predictions: [0, 2] });
    expect((await client.infer([tensor("input", rows, [2, 4])])).body.outputs[0].data).toEqual([0, 2]);
  });
});
