import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonCalls } from "../../../lambdas/runtime/aws-json.ts";
import { clientAt } from "../../doubles/aws-calls.ts";
import { type Signing, signed } from "../../doubles/signed.ts";
import { System } from "./system.ts";

/** What an MLflow 3.17 server said of a version that was logged as a model, by path. */
const registry: Record<string, object> = {
  "model-versions/get": { model_version: { name: "Card Scores", version: "1", source: "models:/m-6ec4" } },
  "model-versions/get-download-uri": { artifact_uri: "s3://artifacts/mlflow/0/models/m-6ec4/artifacts" },
  "registered-models/alias": { model_version: { name: "Card Scores", version: "1" } },
};
const mlflow = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://mlflow");
  response.end(JSON.stringify(registry[pathname.replace("/api/2.0/mlflow/", "")]));
});

let system: System;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-webhooks-"));
  const url = `http://127.0.0.1:${await listen(mlflow)}`;
  const webhooks = {
    ci: { kind: "generic", groups: ["demo"] },
    mlflow: { kind: "mlflow", group: "demo", models: { "Card Scores": "scores" }, aliases: { champion: "staging" }, tracking: { url } },
  };
  const sagemaker = { model_package_groups: { Cards: { group: "demo", model: "card" } }, training_jobs: { "tuned-*": { group: "demo" } } };
  await writeFile(join(folder, "reports.json"), JSON.stringify({ webhooks, sagemaker }));
  system = await System.start(["--no-sample", "--reports", join(folder, "reports.json")]);
  expect((await system.call("PUT", "/v1/groups/demo", { as: "admin", body: {} })).status).toBe(200);
  for (const name of ["card", "scores", "tuned-card"]) await system.call("POST", "/v1/models", { body: { group: "demo", name } });
});
afterAll(async () => {
  await system?.stop();
  mlflow.closeAllConnections();
  await new Promise((resolve) => mlflow.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Secrets as an SDK asks for them. */
const secrets = () =>
  jsonCalls(clientAt(`${system.url}/aws`, "SECRETS_MANAGER", { accessKeyId: "local", secretAccessKey: "local" }), {
    ...{ version: "1.1", target: "secretsmanager" },
  });
const secretOf = async (webhook: string): Promise<string> =>
  (await secrets()("GetSecretValue", { SecretId: `slipway/webhooks/${webhook}` })).SecretString;
const seconds = () => Math.floor(Date.now() / 1000);

async function deliver(
  to: string,
  body: object | string,
  { by, type = "application/json", ...signing }: Signing & { by?: string; type?: string } = {},
) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "content-type": type, ...signed(text, by ?? (await secretOf(to)), { timestamp: seconds(), ...signing }) };
  return system.call("POST", `/v1/webhooks/${to}`, { as: null, headers, body: text });
}
const report = (over: object = {}) => ({
  id: "build-1",
  model: { group: "demo", name: "card" },
  artifact_uri: "s3://artifacts/card/1",
  ...over,
});
const triggers = async () => (await system.call("GET", "/v1/triggers")).body.items as { source: string; outcome: string; kind: string }[];

describe("a webhook of CI", () => {
  it("registers the version that it is signed for, once", async () => {
    const first = await deliver("ci", report(), { id: "d-1" });
    expect(first).toMatchObject({ status: 200, body: { outcome: "REGISTERED", version: 1, source: "ci" } });
    expect((await deliver("ci", report(), { id: "d-1" })).body).toEqual(first.body);
    expect((await system.call("GET", "/v1/models/demo/card")).body.latest_version).toBe(1);
    expect(await triggers()).toHaveLength(1);
  });

  it("refuses what is unsigned, signed otherwise, too old or changed, and keeps nothing of it", async () => {
    const body = report({ id: "build-2" });
    const unsigned = await system.call("POST", "/v1/webhooks/ci", { as: null, body });
    expect(unsigned).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect((await deliver("ci", body, { id: "d-2", by: "guessed" })).status).toBe(401);
    expect((await deliver("ci", body, { id: "d-3", timestamp: seconds() - 3_600 })).status).toBe(401);
    const headers = signed(JSON.stringify(report()), await secretOf("ci"), { id: "d-4", timestamp: seconds() });
    expect((await system.call("POST", "/v1/webhooks/ci", { as: null, headers, body })).status).toBe(401);
    expect((await system.call("POST", "/v1/webhooks/nowhere", { as: null, headers, body })).status).toBe(404);
    expect(await triggers()).toHaveLength(1);
    expect(system.output).not.toContain("denied:");
  });

  it("is believed byte for byte, also where the gateway does not take the body for text", async () => {
    const answer = await deliver("ci", '{"id": "é"}', { id: "d-5", type: "application/octet-stream" });
    // The signature is right; what is refused is the kind of body.
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input", detail: expect.stringContaining("application/json") } });
  });

  it("goes on being believed while its secret is changed", async () => {
    const former = await secretOf("ci");
    await secrets()("PutSecretValue", { SecretId: "slipway/webhooks/ci", SecretString: "the next one" });
    await system.until(
      "the next secret is taken",
      async () => (await deliver("ci", report(), { id: `n-${Math.random()}` })).status === 200,
    );
    expect((await deliver("ci", report(), { id: "d-6", by: former })).status).toBe(200);
  });
});

describe("webhooks of MLflow", () => {
  const send = (id: string, entity: string, data: object) => deliver("mlflow", { entity, action: "created", data }, { kind: "mlflow", id });

  it("register a version where the tracking server says it lies, and send it to where its alias stands for", async () => {
    // In the wrong order, as a pool of threads may send them.
    const alias = await send("m-2", "model_version_alias", { name: "Card Scores", alias: "champion", version: "1" });
    expect(alias.body).toMatchObject({ outcome: "PROMOTED", model: "scores", version: 1 });
    const version = await send("m-1", "model_version", { name: "Card Scores", version: "1", source: "models:/m-6ec4", tags: {} });
    expect(version.body).toMatchObject({ outcome: "KNOWN", version: 1 });
    const registered = (await system.call("GET", "/v1/models/demo/scores/versions/1")).body;
    expect(registered).toMatchObject({ artifact_uri: "s3://artifacts/mlflow/0/models/m-6ec4/artifacts", registered_by: "mlflow" });
    const { items } = (await system.call("GET", "/v1/promotions?group=demo&model=scores")).body;
    expect(items).toMatchObject([{ environment: "staging", automatic: true, requested_by: "mlflow" }]);
  });

  it("are answered kindly when they are only tried", async () => {
    const tried = await send("m-3", "model_version", { name: "example_model", version: "1", source: "models:/123" });
    expect(tried).toMatchObject({ status: 200, body: { outcome: "IGNORED" } });
  });
});

describe("SageMaker on the default bus", () => {
  const keys = { accessKeyId: "local", secretAccessKey: "local" };
  const sageMaker = () => jsonCalls(clientAt(`${system.url}/aws`, "SAGEMAKER", keys), { version: "1.1", target: "SageMaker" });
  const put = async (DetailType: string, detail: object) => {
    const bus = jsonCalls(clientAt(`${system.url}/aws`, "EVENTBRIDGE", keys), { version: "1.1", target: "AWSEvents" });
    const entry = { Source: "aws.sagemaker", DetailType, Detail: JSON.stringify(detail) };
    expect(await bus("PutEvents", { Entries: [entry, entry] })).toMatchObject({ FailedEntryCount: 0 });
  };
  const versionsOf = async (name: string) => (await system.call("GET", `/v1/models/demo/${name}/versions`)).body.items;

  it("reports a job that is done, whose artifact SageMaker is asked for, once", async () => {
    const TrainingJobName = "tuned-card-2026-11-21-09-12-03-120";
    const { TrainingJobArn } = await sageMaker()("CreateTrainingJob", { TrainingJobName, OutputDataConfig: { S3OutputPath: "s3://out/" } });
    await put("SageMaker Training Job State Change", { TrainingJobName, TrainingJobArn, TrainingJobStatus: "Completed" });
    await system.until("the version is registered", async () => (await versionsOf("tuned-card")).length > 0);
    expect(await versionsOf("tuned-card")).toMatchObject([
      { version: 1, artifact_uri: `s3://out/${TrainingJobName}/output/model.tar.gz`, training_job: TrainingJobName },
    ]);
    const ofSageMaker = async () => (await triggers()).filter(({ source }) => source === "sagemaker");
    await expect.poll(ofSageMaker).toMatchObject([{ outcome: "REGISTERED" }]);
  });

  it("reports a package that somebody has approved", async () => {
    const InferenceSpecification = { Containers: [{ Image: "image", ModelDataUrl: "s3://packages/card/1" }] };
    const { ModelPackageArn } = await sageMaker()("CreateModelPackage", { ModelPackageGroupName: "Cards", InferenceSpecification });
    const before = (await versionsOf("card")).length;
    const detail = { ModelPackageGroupName: "Cards", ModelPackageVersion: 1, ModelPackageArn, ModelApprovalStatus: "Approved" };
    await put("SageMaker Model Package State Change", detail);
    await system.until("the version is registered", async () => (await versionsOf("card")).length === before + 1);
    expect((await versionsOf("card"))[0]).toMatchObject({
      artifact_uri: "s3://packages/card/1",
      source: { name: "sagemaker", sequence: 1 },
    });
  });
});
