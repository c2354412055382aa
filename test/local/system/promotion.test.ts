import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { System } from "./system.ts";

let system: System;
let folder: string;

/** Serves no model but itself: which version it is, the environment says. */
const server = `
import { createServer } from "node:http";
createServer((request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ name: "card", url: request.url }));
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;
const initializer = "process.exit(process.argv[2].endsWith('missing') ? 7 : 0);";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-promotion-"));
  await writeFile(join(folder, "server.mjs"), server);
  await writeFile(join(folder, "initializer.mjs"), initializer);
  const images = {
    "kserve/storage-initializer:v0.20.0": { command: [process.execPath, join(folder, "initializer.mjs")] },
    "slipway/onnx-server:1": { command: [process.execPath, join(folder, "server.mjs")] },
  };
  await writeFile(join(folder, "images.json"), JSON.stringify(images));
  system = await System.start(["--no-sample", "--images", join(folder, "images.json")]);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const call = async (method: string, path: string, body?: object, as = "admin") => system.call(method, path, { as, ...(body && { body }) });
const promotion = async (id: string) => (await call("GET", `/v1/promotions/${id}`)).body;
const target = (more: object = {}) => ({ specification: { access: "public", rollout: { drain_seconds: 0, warm_seconds: 0 }, ...more } });

async function model(name: string, policy: object) {
  expect((await call("PUT", "/v1/groups/demo", {})).status).toBe(200);
  expect((await call("POST", "/v1/models", { group: "demo", name })).status).toBe(201);
  const put = await call("PUT", `/v1/models/demo/${name}/promotion-policy`, { staging: target(), production: target(), ...policy });
  expect(put.body).toMatchObject({ updated_by: expect.any(String) });
}
const register = async (name: string, artifact = "iris") =>
  (await call("POST", `/v1/models/demo/${name}/versions`, { artifact_uri: `s3://artifacts/${artifact}`, runtime: "onnx" })).body.version;
const promote = (name: string, version: number, environment: string, more: object = {}, as = "admin") =>
  call("POST", `/v1/models/demo/${name}/versions/${version}/promotions`, { environment, ...more }, as);

describe("a version, by hand", () => {
  it("is verified in staging, waits for another person, and serves in production", async () => {
    await model("card", { automatic: "none" });
    const version = await register("card");
    const refused = await promote("card", version, "production");
    expect(refused).toMatchObject({ status: 422, body: { code: "not-verified" } });

    const staged = await promote("card", version, "staging");
    expect(staged.status).toBe(202);
    await ended(staged.body.promotion.id, "SUCCEEDED");
    expect((await call("GET", `/v1/models/demo/card/versions/${version}`)).body).toMatchObject({ verified_in: ["staging"] });

    const { id } = (await promote("card", version, "production", {}, "member")).body.promotion;
    await system.until("the gate waits", async () => (await promotion(id)).waiting_for === "approval");
    expect((await call("POST", `/v1/promotions/${id}/approve`, {}, "member")).status).toBe(403);
    const approved = await call("POST", `/v1/promotions/${id}/approve`, { comment: "looks right" });
    expect(approved).toMatchObject({ status: 200, body: { waiting_for: null, evidence: { approval: { comment: "looks right" } } } });
    expect((await call("POST", `/v1/promotions/${id}/approve`, {})).body).toMatchObject({ code: "not-allowed-in-status" });
    await ended(id, "SUCCEEDED");
    expect(await (await fetch(`${system.url}/endpoints/card/hello`)).json()).toMatchObject({ url: "/hello" });
    await system.until(
      "staging is stopped",
      async () => (await call("GET", "/v1/deployments/card-staging/state")).body.status === "STOPPED",
    );
  });
});

describe("a completed training job", () => {
  it("becomes a version that is verified, waits at the gate, is approved and serves", async () => {
    await model("scores", { automatic: "production" });
    const detail = {
      job_id: "job-7",
      status: "COMPLETED",
      model: { group: "demo", name: "scores" },
      artifact_uri: "s3://artifacts/scores",
    };
    const job = { ...detail, framework: "onnx", metrics: { accuracy: 0.97 } };
    await put([job, { ...job }, { ...job, status: "InProgress" }]);
    await system.until("a version waits at the gate", async () => (await gate("scores"))?.waiting_for === "approval");
    const waiting = await gate("scores");
    expect(waiting).toMatchObject({ automatic: true, requested_by: "model-studio", stages: [{ name: "staging", outcome: "SUCCEEDED" }] });
    expect((await call("GET", "/v1/models/demo/scores")).body.latest_version).toBe(1);
    expect((await call("POST", `/v1/promotions/${waiting.id}/approve`, {})).status).toBe(200);
    await ended(waiting.id, "SUCCEEDED");
    expect((await fetch(`${system.url}/endpoints/scores/`)).status).toBe(200);
    const version = (await call("GET", "/v1/models/demo/scores/versions/1")).body;
    expect(version).toMatchObject({ source: { name: "model-studio", id: "job-7" }, approved_by: ["admin@slipway.local"] });
  });

  it("whose model is not known is kept with the reason, and makes its version when it is replayed", async () => {
    await put([{ job_id: "job-8", status: "COMPLETED", model: { group: "demo", name: "later" }, artifact_uri: "s3://artifacts/later" }]);
    const found = async () => (await call("GET", "/v1/triggers")).body.items.find((one: { model: string }) => one.model === "later");
    await system.until("the trigger is kept", async () => (await found())?.outcome === "UNUSABLE");
    const trigger = await found();
    expect(trigger.reason).toContain("there is no model demo/later");
    await call("POST", "/v1/models", { group: "demo", name: "later" });
    const replayed = await call("POST", `/v1/triggers/${trigger.id}/replay`);
    expect(replayed.body).toMatchObject({ outcome: "REGISTERED", version: 1, attempts: 2 });
    expect((await call("POST", `/v1/triggers/${trigger.id}/replay`)).body).toMatchObject({ outcome: "KNOWN", version: 1 });
  });
});

async function put(details: object[]): Promise<void> {
  const client = new EventBridgeClient({
    endpoint: `${system.url}/aws`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  for (let start = 0; start < details.length; start += 10) {
    const Entries = details.slice(start, start + 10).map((detail) => ({
      EventBusName: "slipway",
      Source: "model-studio",
      DetailType: "Training Job State Change",
      Detail: JSON.stringify(detail),
    }));
    expect((await client.send(new PutEventsCommand({ Entries }))).FailedEntryCount).toBe(0);
  }
  client.destroy();
}

const gate = async (name: string) => (await call("GET", `/v1/promotions?group=demo&model=${name}`)).body.items[0];

async function ended(id: string, outcome: string) {
  await system.until(`promotion ${id} has ended`, async () => (await promotion(id)).outcome !== null, 120);
  expect(await promotion(id)).toMatchObject({ outcome });
}
