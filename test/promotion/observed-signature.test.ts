import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import { deployVersion } from "../../lambdas/promotion/deploy-version.ts";
import { recordVerification } from "../../lambdas/promotion/record-verification.ts";
import { type Installation, installation } from "../doubles/installation.ts";

/** What a version was registered to take, what its server told of it in staging, and that the one never replaces the other. */
let system: Installation;
const card = { group: "fraud", name: "card" };
const x = { name: "x", datatype: "FP32", shape: [-1, 4] };
beforeEach(async () => {
  system = installation();
  await system.member("POST /v1/models", { body: card });
  const specification = { access: "public" };
  await system.admin("PUT /v1/models/{group}/{name}/promotion-policy", {
    parameters: card,
    body: { automatic: "none", staging: { specification }, production: { specification } },
  });
});

const ports = () => ({ ...system, log: { warn: (message: string) => system.log.warn(message) } });
const registered = async (signature: object | null) =>
  (
    await system.member("POST /v1/models/{group}/{name}/versions", {
      parameters: card,
      body: { artifact_uri: "s3://artifacts/card", runtime: "onnx", signature },
    })
  ).body;
const versionNow = async (version = "1") =>
  (await system.member("GET /v1/models/{group}/{name}/versions/{version}", { parameters: { ...card, version } })).body;

/** Staging has verified the version; its server told this of the model. */
async function verifiedWith(body: string | null) {
  const begun = await system.member("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
    parameters: { ...card, version: "1" },
    body: { environment: "staging" },
  });
  const input = { promotion_id: begun.body.promotion.id };
  const deployed = await deployVersion({ ...input, stage: "staging" }, ports());
  const rollout = (deployed as Extract<typeof deployed, { free: true }>).rollout as { uid: string; operation_id: string; epoch: number };
  const probe = {
    ...{ name: "model metadata", passed: true, failure: null },
    request: { method: "GET", path: "/v2/models/card", body: null },
    response: { status: 200, body, latency_ms: 2 },
  };
  await system.record.saveEvidence(rollout, { smoke_tests: [probe] });
  await system.end({ ...rollout, id: rollout.operation_id });
  expect(await recordVerification(input, system)).toEqual({ ended: true, more: false });
  return rollout.operation_id;
}

describe("the signature of a model version", () => {
  it("is shown as it was registered, told in the event, and frozen with each revision that serves it", async () => {
    const version = await registered({ inputs: [x] });
    const signature = { inputs: [x], outputs: [] };
    expect(version).toMatchObject({ signature, observed_signature: null });
    expect(answers.ModelVersion.safeParse(version).error).toBeUndefined();
    await verifiedWith(null);
    const { body } = await system.member("GET /v1/deployments/{id}/revisions/{revision}", {
      parameters: { id: "card-staging", revision: "1" },
    });
    expect(body.resolved.predictor).toMatchObject({ model_name: "card", signature });
    expect(answers.Revision.safeParse(body).error).toBeUndefined();
  });

  it("that nobody registered is known when staging has verified the version", async () => {
    expect(await registered(null)).toMatchObject({ signature: null, observed_signature: null });
    const operation_id = await verifiedWith(JSON.stringify({ name: "card", inputs: [x], outputs: [] }));
    const version = await versionNow();
    expect(version).toMatchObject({
      ...{ verified_in: ["staging"], signature: null },
      observed_signature: { inputs: [x], outputs: [], operation_id, differences: [] },
    });
    expect(answers.ModelVersion.safeParse(version).error).toBeUndefined();
  });

  it("stays as it was registered where the server tells another, and the difference is told", async () => {
    await registered({ inputs: [x] });
    await verifiedWith(JSON.stringify({ name: "card", inputs: [{ ...x, shape: [-1, 5] }] }));
    expect(await versionNow()).toMatchObject({
      signature: { inputs: [x] },
      observed_signature: { differences: ["inputs.x: the server tells FP32 [-1, 5], registered is FP32 [-1, 4]"] },
    });
  });

  it.each([
    ["tells none", JSON.stringify({ name: "card", inputs: [], outputs: [] })],
    ["offers no metadata", null],
    ["answers no JSON", "<html></html>"],
  ])("is not known of a server that %s", async (_what, body) => {
    await registered(null);
    await verifiedWith(body);
    expect(await versionNow()).toMatchObject({ verified_in: ["staging"], observed_signature: null });
  });
});
