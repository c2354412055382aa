import { beforeEach, describe, expect, it } from "vitest";
import { type FraudGroup, fraudGroup, on } from "./fraud-group.ts";

/** What serves a model version that is deployed without a runtime: card-fraud 1 is for onnx, the others as a test registers them. */
let { system, create } = {} as FraudGroup;
beforeEach(async () => {
  ({ system, create } = await fraudGroup());
});

const model = { group: "fraud", name: "card-fraud" };
const register = async (more: object) =>
  (await system.member("POST /v1/models/{group}/{name}/versions", { parameters: model, body: { artifact_uri: "s3://models/x", ...more } }))
    .body.version as number;
const withVersion = (version: number, more: object = {}) => ({ predictor: { model: { name: "card-fraud", version }, ...more } });
const predictor = async () => (await system.member("GET /v1/deployments/{id}", on("card-scorer"))).body.specification.predictor;
const patch = (body: object, query: Record<string, string> = {}) =>
  system.member("PATCH /v1/deployments/{id}", { ...on("card-scorer"), query, body });

describe("a model version without a runtime", () => {
  it("is served by its own, with its artifact", async () => {
    const { status, body } = await create(withVersion(1));
    expect(status).toBe(202);
    expect(body.deployment.specification.predictor).toMatchObject({ runtime: "onnx", model: { version: 1 } });
    expect((await system.record.revision(body.deployment.uid, 1))?.resolved.predictor).toMatchObject({
      image: "slipway/onnx-server:1",
      artifact_uri: "s3://models/card-fraud/1",
    });
  });

  it("is served by what serves its framework, unless another runtime is given", async () => {
    const version = await register({ framework: "ONNX" });
    expect((await create({ name: "One", ...withVersion(version) })).body.deployment.specification.predictor.runtime).toBe("onnx");
    const given = await create({ name: "Two", ...withVersion(version, { runtime: "triton" }) });
    expect(given.body.deployment.specification.predictor.runtime).toBe("triton");
  });

  it.each([{}, { framework: "prolog" }])("of which nothing is known (%j) is refused with what to give", async (more) => {
    const answer = await create(withVersion(await register(more)));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: "predictor.runtime" }] } });
    expect(answer.body.detail).toContain("GET /v1/runtimes");
    expect(system.record.heads_.size).toBe(0);
  });

  it("is judged by the rules of the runtime that serves it", async () => {
    const version = await register({ runtime: "vllm" });
    expect(await create(withVersion(version))).toMatchObject({ status: 400, body: { errors: [{ path: "predictor.instance_type" }] } });
    expect((await create(withVersion(version, { instance_type: "gpu.standard" }))).status).toBe(202);
    const script = await create({ name: "Script", ...withVersion(1, { script: "predictor.mjs" }) });
    expect(script).toMatchObject({ status: 400, body: { errors: [{ path: "predictor.script" }] } });
  });

  it.each([
    ["a model that is not there", { predictor: { model: { name: "rose", version: 1 } } }, "predictor.model.name"],
    ["a version that is not there", withVersion(9), "predictor.model.version"],
    ["an address beside it", withVersion(1, { model_uri: "s3://models/y" }), "predictor.model_uri"],
    ["neither model nor image", { predictor: { model_uri: "s3://models/y" } }, "predictor.runtime"],
  ])("refuses %s", async (_, over, path) => {
    expect(await create(over)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });

  it("is told of by a dry run as it would be made", async () => {
    const dry = { query: { dry_run: "true" } };
    const found = await create(withVersion(1), dry);
    expect(found.status).toBe(200);
    const messages = (findings: { check: string; message: string }[]) =>
      findings.map(({ check, message }) => `${check}: ${message}`).join();
    expect(messages(found.body.findings)).toContain("the runtime onnx serves it");
    expect((await create(withVersion(9), dry)).body.findings).toContainEqual(
      expect.objectContaining({ check: "model", outcome: "failed" }),
    );
    expect((await create(withVersion(await register({})), dry)).status).toBe(400);
  });
});

describe("an update to another version", () => {
  beforeEach(async () => {
    await create({ start: false, ...withVersion(1) });
  });

  it("is served by that version's runtime, and by the one before where that knows none", async () => {
    const sklearn = await register({ runtime: "sklearn" });
    const unknown = await register({ framework: "onnx" });
    expect((await patch(withVersion(sklearn))).status).toBe(200);
    expect(await predictor()).toMatchObject({ runtime: "sklearn", model: { version: sklearn } });
    expect((await patch(withVersion(unknown))).status).toBe(200);
    expect(await predictor()).toMatchObject({ runtime: "sklearn", model: { version: unknown } });
    expect((await patch(withVersion(unknown, { runtime: "triton" }))).status).toBe(200);
    expect(await predictor()).toMatchObject({ runtime: "triton" });
  });

  it("from an image is served by what the version tells", async () => {
    await patch({ predictor: { runtime: null, model: null, image: "team/server:1" } });
    expect(await patch(withVersion(1))).toMatchObject({ status: 400, body: { errors: [{ path: "predictor.model" }] } });
    expect((await patch(withVersion(1, { image: null }))).status).toBe(200);
    expect(await predictor()).toMatchObject({ runtime: "onnx", image: null, model: { version: 1 } });
  });

  it("is told of by a dry run as it would be made", async () => {
    const version = await register({ runtime: "sklearn" });
    const { status, body } = await patch(withVersion(version), { dry_run: "true" });
    expect([status, JSON.stringify(body.findings)]).toEqual([200, expect.stringContaining("the runtime sklearn serves it")]);
  });
});
