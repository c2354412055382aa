import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SlipwayApi } from "../../../local/sample/slipway-api.ts";
import { classify, type Row, train } from "../../../local/sample/train.ts";
import { projectRoot, System } from "./system.ts";

const trained = train();
let system: System;
let again: ChildProcess | undefined;

beforeAll(async () => {
  system = await System.start([]);
  await system.until("the model answers", async () => curlLines(system.output).length > 0, 120);
});
afterAll(async () => {
  if (again?.exitCode === null) process.kill(-(again.pid as number), "SIGKILL");
  await system?.stop();
});

/** The line to paste that asks the model: its address, content type and body. */
function curlLines(output: string): { url: string; type: string; body: string }[] {
  const lines = output.matchAll(/^curl -s (\S+\/infer) -H 'content-type: ([^']+)' -d '([^']+)'$/gm);
  return [...lines].map(([, url = "", type = "", body = ""]) => ({ url, type, body }));
}

async function predict(url: string, type: string, body: string) {
  const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
  expect(response.status).toBe(200);
  return ((await response.json()) as { outputs: { name: string; data: number[] }[] }).outputs.find(({ name }) => name === "label")?.data;
}

describe("the sample that npm start deploys", () => {
  it("says how good the model is, and registers it with that", async () => {
    expect(system.output).toContain(`trained iris: ${(trained.accuracy * 100).toFixed(1)} % right on 30 held-out rows`);
    const { body } = await system.call("GET", "/v1/models/demo/iris/versions/1");
    expect(body).toMatchObject({ runtime: "onnx", metrics: { accuracy: trained.accuracy } });
  });

  it("prints a curl whose answer is the class that is printed with it", async () => {
    const [printed] = curlLines(system.output);
    const label = /\(label (\d) is (\S+)\):/.exec(system.output);
    expect(trained.classifier.classes[Number(label?.[1])]).toBe(label?.[2]);
    expect(await predict(printed?.url ?? "", printed?.type ?? "", printed?.body ?? "")).toEqual([Number(label?.[1])]);
  });

  it("knows a flower of each species that it has not seen", async () => {
    const [printed] = curlLines(system.output);
    const flowers = trained.classifier.classes.map(
      (_, label) => trained.heldOut.find((row) => row.label === label && classify(trained.classifier, row.features) === label) as Row,
    );
    const data = flowers.flatMap(({ features }) => features);
    const body = { inputs: [{ name: "input", shape: [flowers.length, 4], datatype: "FP32", data }] };
    expect(await predict(printed?.url ?? "", "application/json", JSON.stringify(body))).toEqual([0, 1, 2]);
    for (const { features, label } of flowers) {
      const one = { inputs: [{ name: "input", shape: [1, 4], datatype: "FP32", data: features }] };
      expect(await predict(printed?.url ?? "", "application/json", JSON.stringify(one))).toEqual([label]);
    }
  });

  it("ends on Ctrl-C, and the next npm start takes up what is there, on another port too", async () => {
    expect(await system.kill("SIGINT")).toBe(0);
    const arguments_ = ["bin/launch.mjs", "local/main.ts", "--port", "0", "--data", system.data];
    // A process group of its own, to which a terminal's Ctrl-C goes as a whole.
    again = spawn(process.execPath, arguments_, { cwd: projectRoot, detached: true, stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    again.stdout?.on("data", (text) => (output += text));
    await system.until("the model answers again", async () => curlLines(output).length > 0, 120);
    expect(output).toContain("deployed iris version 1;");
    const [printed] = curlLines(output);
    expect(await predict(printed?.url ?? "", printed?.type ?? "", printed?.body ?? "")).toHaveLength(1);
    const { origin } = new URL(printed?.url ?? "");
    expect(origin).not.toBe(system.url);
    expect((await (await SlipwayApi.signIn(origin, "member")).find("/v1/models/demo/iris/versions")).items).toHaveLength(1);
    const ended = once(again, "exit");
    process.kill(-(again.pid as number), "SIGINT");
    expect(await ended).toEqual([0, null]);
  });
});
