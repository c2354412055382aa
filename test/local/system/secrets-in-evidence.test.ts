import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment } from "./image.ts";
import { System } from "./system.ts";

const canary = 'canary "5309" in/the+mine';
/** What a careless program prints of its environment before it ends, at its start or when it is asked to. */
const careless = `
const { createServer } = require("node:http");
const key = process.env.API_KEY ?? "";
const base64 = Buffer.from("user:" + key).toString("base64");
const told = "cannot sign in with " + key + ", " + JSON.stringify({ key }) + ", " + encodeURIComponent(key) + ", Basic: " + base64;
console.error(told);
if (process.env.MODE !== "serves") process.exit(3);
createServer((request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ name: "careless", told, key }), () => {
    if (request.url.endsWith("/crash")) process.exit(3);
  });
}).listen(Number(process.env.PORT), "127.0.0.1");
`;
/** The characters of its base64 that depend on nothing else, as they stand behind "user:". */
const encoded = Buffer.from(`user:${canary}`).toString("base64").slice(8, 40);
const forms = [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary), encoded];

let system: System;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-careless-"));
  await writeFile(join(folder, "careless.cjs"), careless);
  const images = { "test/careless:1": { command: [process.execPath, join(folder, "careless.cjs")] } };
  await writeFile(join(folder, "images.json"), JSON.stringify(images));
  system = await System.start(["--no-sample", "--images", join(folder, "images.json")]);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Everything in every bucket, as text. */
async function kept(): Promise<string[]> {
  const credentials = { accessKeyId: "test", secretAccessKey: "local" };
  const s3 = new S3Client({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials, forcePathStyle: true });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const texts: string[] = [];
  for (const { Name: Bucket } of Buckets) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents)
      texts.push((await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? "");
  }
  s3.destroy();
  return texts;
}

/** In JSON quotes are escaped once more, and in JSON that lies in JSON twice. */
function expectNone(texts: string[]): void {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  for (const form of forms.flatMap((each) => [each, inJson(each), inJson(inJson(each))]))
    for (const text of texts) expect(text).not.toContain(form);
}

describe("a program that prints its secrets and crashes", () => {
  it("leaves its words without them in condition, cause, evidence, events and bucket", async () => {
    const predictor = { image: "test/careless:1", env: [{ name: "API_KEY", value: canary, secret: true }] };
    const { body } = await system.call("POST", "/v1/deployments", { body: echoDeployment("careless", { predictor }) });
    const operation = async () => (await system.call("GET", `/v1/operations/${body.operation.id}`)).body;
    await system.until("the operation has ended", async () => (await operation()).outcome !== null, 150);
    const { cause, evidence } = await operation();
    expect(cause.message).toContain("cannot sign in with [masked]");
    expect(JSON.stringify(evidence.logs)).toContain("cannot sign in with [masked]");
    const paths = ["", "/state", "/conditions", "/events", "/instances"].map((path) => `/v1/deployments/careless${path}`);
    const answers = await Promise.all(paths.map((path) => system.call("GET", path)));
    const bucket = await kept();
    expect(bucket.join()).toContain("cannot sign in with [masked]");
    expectNone([...[cause, evidence, ...answers.map((answer) => answer.body)].map((each) => JSON.stringify(each)), ...bucket]);
  });
});

describe("a program that prints and answers its secrets while it serves", () => {
  it("leaves them out of live state and instances, of logs from node, collector and file, and of what smoke tests keep", async () => {
    const id = "talkative";
    const secret = { name: "API_KEY", value: canary, secret: true };
    const body = echoDeployment(id, { predictor: { image: "test/careless:1", env: [{ name: "MODE", value: "serves" }, secret] } });
    const created = (await system.call("POST", "/v1/deployments", { body })).body;
    const operation = async () => (await system.call("GET", `/v1/operations/${created.operation.id}`)).body;
    await system.until("it serves", async () => (await operation()).outcome === "SUCCEEDED", 150);
    await fetch(`${(await system.call("GET", `/v1/deployments/${id}`)).body.endpoint}/crash`).then((answer) => answer.text());
    const ask = async (path: string, headers = {}) => (await system.call("GET", `/v1/deployments/${id}${path}`, { headers })).body;
    const ended = async () => (await ask("/instances?live=true")).items[0]?.last_termination;
    await system.until("its crash is seen", async () => (await ended())?.message?.includes("[masked]"));
    await system.until("its words are collected", async () => (await ask("/logs?source=historical")).items?.length >= 2);
    const plain = { accept: "text/plain" };
    const logs = [await ask("/logs"), await ask("/logs?previous=true"), await ask("/logs?source=historical")];
    for (const { items } of logs) expect(items[0].message).toContain("cannot sign in with [masked]");
    const told = [await operation(), await ask("/state?live=true"), await ended(), ...logs, await ask("/logs", plain)];
    expect(JSON.stringify(await operation())).toContain("cannot sign in with [masked]");
    expectNone([...told.map((each) => JSON.stringify(each)), await exported(id), ...(await kept())]);
  });

  async function exported(id: string): Promise<string> {
    const begun = (await system.call("POST", `/v1/deployments/${id}/logs/exports`, { body: {} })).body;
    let url = "";
    await system.until("the file is there", async () => {
      const state = (await system.call("GET", `/v1/deployments/${id}/logs/exports/${begun.id}`)).body;
      url = state.url ?? "";
      return state.status === "SUCCEEDED";
    });
    const text = await (await fetch(url)).text();
    expect(text).toContain("cannot sign in with [masked]");
    return text;
  }
});
