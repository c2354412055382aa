import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Predictor } from "../../../local/images/node-script/predictor.ts";
import type { Protocol } from "../../../local/images/node-script/protocol.ts";
import { loadScript } from "../../../local/images/node-script/script.ts";
import { scriptServer } from "../../../local/images/node-script/server.ts";

let folder: string;
let scripts = 0;
const open: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-script-"));
});
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A script's file; each has a name of its own, because modules are loaded once. */
async function scriptOf(text: string, name = `script-${++scripts}.mjs`): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

async function listening(server: Server): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const model = { modelName: "iris", modelFiles: "/mnt/models" };

async function predictorOf(text: string) {
  const server = scriptServer({ role: "predictor", name: "iris", predictor: null });
  server.serve(await loadScript(await scriptOf(text), "predictor", model));
  return clientOf(await listening(server.http));
}

async function transformerOf(text: string, host: string, protocol: Protocol = "v2") {
  const server = scriptServer({ role: "transformer", name: "iris", predictor: new Predictor(host, protocol) });
  server.serve(await loadScript(await scriptOf(text), "transformer", model));
  return clientOf(await listening(server.http));
}

function clientOf(host: string) {
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`http://${host}${path}`, { method, headers, ...(body !== undefined && { body: sent }) });
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status: answer.status, body: (await answer.json()) as any };
  };
  return {
    get: (path: string) => call("GET", path),
    call,
    infer: (inputs: unknown, more: object = {}) => call("POST", "/v2/models/iris/infer", { ...more, inputs }),
    predict: (instances: unknown) => call("POST", "/v1/models/iris:predict", { instances }),
  };
}

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: questions of every shape
  body: any;
}

/** A predictor that keeps what it was asked and answers what it is told to. */
async function fakePredictor(answers: (seen: Seen) => { status?: number; body: unknown }) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { method, url, headers } = request;
    const question = { method, url, headers, body: text === "" ? null : JSON.parse(text) };
    seen.push(question);
    const { status = 200, body } = answers(question);
    response.writeHead(status, { "content-type": "application/json", "x-from": "predictor" }).end(JSON.stringify(body));
  });
  return { host: await listening(server), seen };
}

const tensor = (name: string, data: unknown[], shape = [data.length]) => ({ name, datatype: "FP32", shape, data });

describe("a script as predictor", () => {
  const doubled = `export const predict = (inputs, { protocol }) =>
    protocol === "v1" ? inputs.map((row) => row.map((value) => value * 2)) : inputs.map(({ name, ...rest }) => ({ name: name + "-out", ...rest }));`;

  it("answers V1 and V2 with what it returns", async () => {
    const client = await predictorOf(doubled);
    expect(
      await client.predict([
        [1, 2],
        [3, 4],
      ]),
    ).toEqual({
      status: 200,
      body: {
        predictions: [
          [2, 4],
          [6, 8],
        ],
      },
    });
    expect(await client.infer([tensor("a", [[1, 2]], [1, 2])], { id: "7" })).toEqual({
      status: 200,
      body: { model_name: "iris", model_version: "1", id: "7", outputs: [tensor("a-out", [1, 2], [1, 2])] },
    });
    expect((await client.call("POST", "/v2/models/iris/versions/1/infer", { inputs: [tensor("a", [1])] })).status).toBe(200);
  });

  it("may return plain values for V2, which become one tensor", async () => {
    const client = await predictorOf("export const predict = async (inputs) => inputs[0].data[0] > 0 ? [[1, 2], [3, 4]] : ['yes', 'no'];");
    expect((await client.infer([tensor("a", [1])])).body.outputs).toEqual([
      { name: "output-0", datatype: "FP32", shape: [2, 2], data: [1, 2, 3, 4] },
    ]);
    expect((await client.infer([tensor("a", [0])])).body.outputs).toEqual([
      { name: "output-0", datatype: "BYTES", shape: [2], data: ["yes", "no"] },
    ]);
  });

  it("says that it is there, in both protocols", async () => {
    const client = await predictorOf(doubled);
    for (const path of ["/v2/health/live", "/v2/health/ready", "/v2/models/iris/ready", "/v1/models/iris", "/v2"]) {
      expect((await client.get(path)).status).toBe(200);
    }
    expect((await client.get("/v2/models/iris")).body).toEqual({
      name: "iris",
      versions: ["1"],
      platform: "node",
      inputs: [],
      outputs: [],
    });
    expect((await client.get("/v2/models/other")).status).toBe(404);
    expect((await client.get("/v2/models/iris/infer")).status).toBe(404);
  });

  it("is neither live nor ready until its script is loaded", async () => {
    const server = scriptServer({ role: "predictor", name: "iris", predictor: null });
    const client = clientOf(await listening(server.http));
    for (const path of ["/v2/health/live", "/v2/health/ready"]) expect((await client.get(path)).status).toBe(503);
    expect((await client.predict([1])).status).toBe(503);
  });

  it.each([
    ["no JSON", "POST", "/v1/models/iris:predict", "{"],
    ["no instances", "POST", "/v1/models/iris:predict", {}],
    ["a list", "POST", "/v1/models/iris:predict", []],
    ["no inputs", "POST", "/v2/models/iris/infer", { instances: [] }],
    ["a tensor without data", "POST", "/v2/models/iris/infer", { inputs: [{ name: "a", datatype: "FP32", shape: [1] }] }],
    ["a shape that is not the data's", "POST", "/v2/models/iris/infer", { inputs: [tensor("a", [1], [2])] }],
  ])("refuses %s with 400 and says why", async (_what, method, path, body) => {
    const answer = await (await predictorOf(doubled)).call(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(/\w/) } });
  });

  it("that throws is answered with 500 and its words, or with the caller's fault that it names", async () => {
    const client = await predictorOf(`export function predict([first]) {
      if (first === "mine") throw new Error("no weights");
      throw Object.assign(new Error("give a number"), { status: 422 });
    }`);
    expect(await client.predict(["mine"])).toEqual({ status: 500, body: { error: "the script failed: no weights" } });
    expect(await client.predict(["yours"])).toEqual({ status: 422, body: { error: "give a number" } });
  });

  it.each([
    ["nothing", "undefined"],
    ["lists of several lengths", "[[1], [1, 2]]"],
    ["a list beside a value", "[1, [2]]"],
    ["what is no number", "[1, NaN]"],
    ["a tensor that is none", "[{ name: 'a', datatype: 'FP31', shape: [1], data: [1] }]"],
  ])("that returns %s is answered with 500, and the reason", async (_what, value) => {
    const client = await predictorOf(`export const predict = () => (${value});`);
    expect(await client.infer([tensor("a", [1])])).toMatchObject({
      status: 500,
      body: { error: expect.stringMatching(/^the script failed: what it returned for the caller is wrong: .+/) },
    });
  });

  it("is told where its model is before it is ready", async () => {
    const client = await predictorOf(`let told;
      export async function load(model) { await Promise.resolve(); told = model; }
      export const predict = () => [told];`);
    expect((await client.predict([1])).body).toEqual({ predictions: [model] });
  });
});

describe("a script that cannot be loaded", () => {
  it.each([
    ["throws", "const a = 1;\nthrow new RangeError('too far');", /^script (\S+) cannot be loaded: RangeError: too far \(\1:2:7\)$/],
    ["loads what is not there", "import 'left-pad-of-mine';", /cannot be loaded: .*left-pad-of-mine/],
    ["has no predict", "export const guess = () => 1;", /it exports no function predict \(as a predictor's script does\)/],
    ["has a predict that is none", "export const predict = 7;", /predict is no function/],
    ["fails to prepare itself", "export async function load() { throw 'no weights'; }\nexport const predict = () => [];", /: no weights$/],
  ])("because it %s says so", async (_what, text, message) => {
    const failure = await loadScript(await scriptOf(text), "predictor", model).catch((error: Error) => error.message);
    expect(failure).toMatch(message);
  });

  it("because it is not there says what is", async () => {
    await writeFile(join(folder, "model.onnx"), "");
    const failure = await loadScript(join(folder, "gone.mjs"), "predictor", model).catch((error: Error) => error.message);
    expect(failure).toMatch(/^script gone\.mjs is not there: beside it there is .*model\.onnx/);
  });

  const reading = "import { readFileSync } from 'node:fs';\nreadFileSync('/no/such/weights');";
  it.each([
    ["reads.mjs", reading, "ENOENT: no such file or directory, open '/no/such/weights' (reads.mjs:2:1)"],
    ["unparsable.mjs", "const one = 1;\nexport function predict( {", "SyntaxError: Unexpected end of input (unparsable.mjs:2)"],
    ["typed.ts", "const one: number = two;", "ReferenceError: two is not defined (typed.ts:1:21)"],
  ])("ends the process, with its error as the last line: %s", async (name, text, error) => {
    const file = await scriptOf(text, name);
    const main = join(import.meta.dirname, "..", "..", "..", "local", "images", "node-script", "main.ts");
    const env = { ...process.env, PORT: "0", PREDICTOR_SCRIPT: file };
    const ended = await promisify(execFile)(process.execPath, [main, "--model_name=iris"], { env }).catch((error: object) => error);
    expect(ended).toMatchObject({ code: 1 });
    const lines = (ended as { stderr: string }).stderr.trimEnd().split("\n");
    expect(lines.at(-1)).toBe(`script ${name} cannot be loaded: ${error}`);
    expect(lines.length).toBeGreaterThan(1);
  });
});

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
