import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { exportOnnx } from "./export-onnx.ts";
import { SlipwayApi } from "./slipway-api.ts";
import { type Trained, train } from "./train.ts";

const group = "demo";
const name = "iris";
const bucket = "slipway-models";

/**
 * Takes a model from training to a live endpoint as a person would: trains it, puts the ONNX file into S3, registers the
 * version, deploys it and waits until it runs. What is there already from an earlier run is used as it is.
 * Gives the curl line whose answer is the right class.
 */
export async function startSample({ baseUrl, print }: { baseUrl: string; print(line: string): void }): Promise<void> {
  const trained = train();
  print(`trained ${name}: ${percent(trained.accuracy)} right on ${trained.heldOut.length} held-out rows`);
  const api = await SlipwayApi.signIn(baseUrl, "member");
  const version = await registeredVersion(api, baseUrl, trained);
  await deploy(api, version);
  const state = await api.waitUntilSettled(name);
  if (state.status !== "RUNNING") throw new Error(`${name} is ${state.status}: ${state.condition.message}`);
  const row = trained.heldOut.at(-1) as Trained["heldOut"][number];
  // The record has the address that the system had when the deployment was made; its port may be another one by now.
  const endpoint = `${baseUrl}${new URL(state.endpoint).pathname}`;
  await untilItAnswers(endpoint, row.features);
  print(`deployed ${name} version ${version}; the model answers (label ${row.label} is ${trained.classifier.classes[row.label]}):`);
  print(predictionCurl(endpoint, row.features));
}

async function registeredVersion(api: SlipwayApi, baseUrl: string, trained: Trained): Promise<number> {
  const existing = await api.find(`/v1/models/${group}/${name}`);
  if (existing) return existing.latest_version;
  const artifact = await upload(baseUrl, exportOnnx(trained.classifier));
  await api.post("/v1/models", { group, name, description: "Fisher's iris: which of three species, from four measurements" });
  const version = await api.post(`/v1/models/${group}/${name}/versions`, {
    artifact_uri: artifact,
    runtime: "onnx",
    framework: "onnx",
    metrics: { accuracy: trained.accuracy },
  });
  return version.version;
}

async function upload(baseUrl: string, file: Uint8Array): Promise<string> {
  const credentials = { accessKeyId: "sample", secretAccessKey: "local" };
  const s3 = new S3Client({ endpoint: `${baseUrl}/aws`, region: "us-east-1", credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${group}/${name}/1/model.onnx`, Body: file }));
  return `s3://${bucket}/${group}/${name}/1`;
}

async function deploy(api: SlipwayApi, version: number): Promise<void> {
  const existing = await api.find(`/v1/deployments/${name}`);
  if (existing?.status === "CREATED" || existing?.status === "STOPPED" || existing?.status === "FAILED") {
    await api.post(`/v1/deployments/${name}/start`, undefined);
  }
  if (existing) return;
  await api.post("/v1/deployments", {
    group,
    name,
    id: name,
    environment: "staging",
    access: "public",
    predictor: { runtime: "onnx", model: { name, version } },
    smoke_tests: [smokeTest()],
  });
}

/** A flower of the first species, far from the others: every sensible model knows it. */
function smokeTest() {
  return {
    name: "a-setosa",
    method: "POST",
    path: `/v2/models/${name}/infer`,
    body: request([5.1, 3.5, 1.4, 0.2]),
    expect: { status: 200, json: { "outputs.0.data.0": 0 } },
  };
}

function request(features: number[]) {
  return { inputs: [{ name: "input", shape: [1, features.length], datatype: "FP32", data: features }] };
}

const patienceMilliseconds = 60_000;

/** After a restart of this machine's cluster a deployment is RUNNING a moment before its instance is there again. */
async function untilItAnswers(endpoint: string, features: number[]): Promise<void> {
  const url = `${endpoint}/v2/models/${name}/infer`;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request(features)) };
  for (const end = Date.now() + patienceMilliseconds; ; ) {
    const response = await fetch(url, init);
    const text = await response.text();
    if (response.ok) return;
    if (Date.now() > end) throw new Error(`${url} still answers ${response.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function predictionCurl(endpoint: string, features: number[]): string {
  return `curl -s ${endpoint}/v2/models/${name}/infer -H 'content-type: application/json' -d '${JSON.stringify(request(features))}'`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
