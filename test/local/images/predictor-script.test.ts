import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadScript } from "../../../local/images/node-script/script.ts";
import { scriptServer } from "../../../local/images/node-script/server.ts";
import {
  clientOf,
  closeServers,
  folder,
  listening,
  makeFolder,
  model,
  predictorOf,
  removeFolder,
  scriptOf,
  tensor,
} from "./script-scene.ts";

beforeAll(makeFolder);
afterEach(closeServers);
afterAll(removeFolder);

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
