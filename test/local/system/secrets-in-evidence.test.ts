import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoDeployment } from "./image.ts";
import { System } from "./system.ts";

const canary = 'canary "5309" in/the+mine';
/** What a careless program prints of its environment before it ends. */
const careless = `
const key = process.env.API_KEY ?? "";
const base64 = Buffer.from("user:" + key).toString("base64");
console.error("cannot sign in with " + key + ", " + JSON.stringify({ key }) + ", " + encodeURIComponent(key) + ", Basic: " + base64);
process.exit(3);
`;
/** The characters of its base64 that depend on nothing else, as they stand behind "user:". */
const encoded = Buffer.from(`user:${canary}`).toString("base64").slice(8, 40);
const forms = [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary), encoded];

let system: System;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-careless-"));
  await writeFile(join(folder, "careless.mjs"), careless);
  const images = { "test/careless:1": { command: [process.execPath, join(folder, "careless.mjs")] } };
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
    const told = [cause, evidence, ...answers.map((answer) => answer.body)].map((each) => JSON.stringify(each));
    // In JSON quotes are escaped once more.
    for (const form of forms.flatMap((each) => [each, JSON.stringify(each).slice(1, -1)])) {
      for (const text of [...told, ...bucket]) expect(text).not.toContain(form);
    }
  });
});
