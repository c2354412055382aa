import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Operation } from "../../domain/operation.ts";
import type { Promotion } from "../../domain/promotion.ts";
import { RecordConflict } from "../../lambdas/ports/record.ts";
import { deployVersion } from "../../lambdas/promotion/deploy-version.ts";
import { recordVerification } from "../../lambdas/promotion/record-verification.ts";
import { type Installation, installation } from "../doubles/installation.ts";

let system: Installation;
const card = { group: "fraud", name: "card" };
const specification = { access: "public" };
beforeEach(async () => {
  system = installation();
  await system.member("POST /v1/models", { body: card });
});

const ports = () => ({ ...system, log: { warn: (message: string) => system.log.warn(message) } });
const put = (more: object = {}) =>
  system.admin("PUT /v1/models/{group}/{name}/promotion-policy", {
    parameters: card,
    body: { automatic: "none", staging: { specification }, production: { specification }, ...more },
  });

/** A promotion of a new version, as its workflow finds it. */
async function promotion(environment: "staging" | "production"): Promise<string> {
  const body = { artifact_uri: "s3://artifacts/card", runtime: "onnx" };
  const { version } = (await system.member("POST /v1/models/{group}/{name}/versions", { parameters: card, body })).body;
  const override = environment === "production" ? { override: "a test" } : {};
  const begun = await system.admin("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
    parameters: { ...card, version: String(version) },
    body: { environment, ...override },
  });
  return begun.body.promotion.id;
}
const specified = async (id: string) => (await system.member("GET /v1/deployments/{id}", { parameters: { id } })).body.specification;

describe("a stage's deployment", () => {
  it("is monitored in production when it is made, and left as it is in staging", async () => {
    await put();
    await deployVersion({ promotion_id: await promotion("production"), stage: "production" }, ports());
    expect(await specified("card")).toMatchObject({ enable_monitoring: true });
    await system.admin("POST /v1/promotions/{id}/abort", { parameters: { id: [...system.promotions.all.keys()][0] ?? "" }, body: {} });
    await deployVersion({ promotion_id: await promotion("staging"), stage: "staging" }, ports());
    expect(await specified("card-staging")).toMatchObject({ enable_monitoring: false });
  });

  it("is monitored in production from then on when it was there before", async () => {
    await put();
    const predictor = { runtime: "onnx", model_uri: "s3://artifacts/other" };
    const own = { group: "fraud", name: "Card", id: "card", environment: "production", access: "public", start: false, predictor };
    expect((await system.member("POST /v1/deployments", { body: own })).status).toBe(201);
    expect(await specified("card")).toMatchObject({ enable_monitoring: false });
    await deployVersion({ promotion_id: await promotion("production"), stage: "production" }, ports());
    expect(await specified("card")).toMatchObject({ enable_monitoring: true, predictor: { model: { name: "card" } } });
  });

  it("that belongs to another group or environment is refused before a promotion begins", async () => {
    await put();
    const taken = { group: "demo", name: "Card", id: "card-staging", environment: "staging", access: "public", start: false };
    await system.member("POST /v1/deployments", { body: { ...taken, predictor: { runtime: "onnx", model_uri: "s3://artifacts/x" } } });
    await system.member("POST /v1/models/{group}/{name}/versions", { parameters: card, body: { artifact_uri: "s3://artifacts/card" } });
    const answer = await system.member("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
      parameters: { ...card, version: "1" },
      body: { environment: "staging" },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-input", detail: expect.stringContaining("card-staging") } });
    expect(system.promotions.all.size).toBe(0);
  });

  it("cannot be left without in production by the policy", async () => {
    const refused = await put({ production: { specification: { ...specification, enable_monitoring: false } } });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "production.specification.enable_monitoring" }] } });
  });
});

describe("the smoke tests of a policy", () => {
  const test = (name: string) => ({ name, method: "GET", path: `/${name}`, expect: { status: 200 } });
  const names = async () => (await specified("card-staging")).smoke_tests.map(({ name }: { name: string }) => name);
  /** The next version goes to staging by that policy. */
  async function promoted(policy: object): Promise<void> {
    const answer = await put(policy);
    expect([answer.status, Object.keys(answer.body)]).toEqual([200, expect.not.arrayContaining(["withdrawn_smoke_tests"])]);
    const id = await promotion("staging");
    await deployVersion({ promotion_id: id, stage: "staging" }, ports());
    const { active_operation } = (await system.record.head((await system.record.uidOf("card-staging")) ?? "")) ?? {};
    await system.end((await system.record.operation(active_operation?.id ?? "")) as Operation);
    await system.admin("POST /v1/promotions/{id}/abort", { parameters: { id }, body: {} });
  }

  it("are gone with the next version when the policy sends none any more", async () => {
    await promoted({ smoke_tests: [test("theirs")] });
    expect(await names()).toEqual(["theirs"]);
    await put({ smoke_tests: null });
    await promoted({});
    expect(await names()).toEqual([]);
  });

  it("are not a person's own, which stay", async () => {
    await promoted({ smoke_tests: [test("theirs")] });
    const at = { parameters: { id: "card-staging" } };
    const { operation } = (await system.member("PATCH /v1/deployments/{id}", { ...at, body: { smoke_tests: [test("own")] } })).body;
    await system.end((await system.record.operation(operation.id)) as Operation);
    await promoted({ smoke_tests: null });
    expect(await names()).toEqual(["own"]);
    await promoted({ smoke_tests: [] });
    expect(await names()).toEqual([]);
  });
});

describe("a person's own change of staging", () => {
  it("while the promotion rolls out there ends the promotion with its cause, and the version is not verified", async () => {
    await put();
    const id = await promotion("staging");
    await deployVersion({ promotion_id: id, stage: "staging" }, ports());
    const changed = await system.member("PATCH /v1/deployments/{id}", {
      parameters: { id: "card-staging" },
      query: { supersede: "true" },
      body: { description: "mine now" },
    });
    expect(changed.status).toBe(202);
    await expect(recordVerification({ promotion_id: id }, system)).rejects.toMatchObject({
      name: "PromotionFailed",
      message: expect.stringContaining("card-staging"),
    });
    expect(system.record.versions.get("fraud/card")).toMatchObject([{ verified_in: [] }]);
  });

  it("that is under way is waited for", async () => {
    await put();
    const predictor = { runtime: "onnx", model_uri: "s3://artifacts/other" };
    await system.member("POST /v1/deployments", {
      body: { group: "fraud", name: "Card", id: "card-staging", environment: "staging", access: "public", predictor },
    });
    expect(await deployVersion({ promotion_id: await promotion("staging"), stage: "staging" }, ports())).toEqual({ free: false });
  });
});

describe("what a stage's deployment is updated by", () => {
  const toStaging = (promotion_id: string) => deployVersion({ promotion_id, stage: "staging" }, ports());
  let id: string;
  beforeEach(async () => {
    await put();
    const { rollout } = (await toStaging(await promotion("staging"))) as { rollout: { uid: string; operation_id: string; epoch: number } };
    await system.end({ ...rollout, id: rollout.operation_id });
    await system.admin("POST /v1/promotions/{id}/abort", { parameters: { id: [...system.promotions.all.keys()][0] ?? "" }, body: {} });
    id = await promotion("staging");
  });

  it("is read once: the promotion, its version and the deployment", async () => {
    const reads = [
      vi.spyOn(system.promotions, "promotion"),
      vi.spyOn(system.record, "modelVersion"),
      vi.spyOn(system.record, "head"),
      vi.spyOn(system.record, "idempotent"),
    ];
    expect(await toStaging(id)).toMatchObject({ free: true, rollout: { epoch: 2 } });
    expect(reads.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1, 0]);
  });

  it("is read anew when the deployment has moved meanwhile", async () => {
    vi.spyOn(system.record, "commit").mockRejectedValueOnce(new RecordConflict("version", "it has moved"));
    const reads = [vi.spyOn(system.record, "modelVersion"), vi.spyOn(system.record, "head")];
    expect(await toStaging(id)).toMatchObject({ free: true, rollout: { epoch: 2 } });
    expect(reads.map(({ mock }) => mock.calls.length)).toEqual([2, 2]);
  });

  it("is left alone when the promotion has ended meanwhile", async () => {
    const commit = system.record.commit.bind(system.record);
    vi.spyOn(system.record, "commit").mockImplementationOnce(async (change) => {
      await system.admin("POST /v1/promotions/{id}/abort", { parameters: { id }, body: {} });
      await commit(change);
    });
    await expect(toStaging(id)).rejects.toMatchObject({ name: "StaleEpoch" });
    const uid = (await system.record.uidOf("card-staging")) ?? "";
    expect(await system.record.head(uid)).toMatchObject({ active_operation: null, revisions: { latest: 1 } });
  });

  it("is written together with what the promotion becomes", async () => {
    const changes = vi.spyOn(system.promotions, "change");
    const { rollout } = (await toStaging(id)) as { rollout: { uid: string; operation_id: string } };
    const { uid, operation_id } = rollout;
    expect((await system.promotions.promotion(id))?.stages).toMatchObject([{ name: "staging", uid, operation_id, revision: 2 }]);
    expect(changes).not.toHaveBeenCalled();
  });

  it("begins once when its steps run beside each other", async () => {
    const [one, other] = await Promise.all([toStaging(id), toStaging(id)]);
    expect(one).toEqual(other);
    expect(one).toMatchObject({ free: true, rollout: { epoch: 2 } });
  });

  it("is known from an earlier build, which kept it under a key of the stage's own", async () => {
    const { rollout } = (await toStaging(id)) as { rollout: { uid: string; operation_id: string } };
    const promotion = system.promotions.all.get(id) as Promotion;
    system.promotions.all.set(id, {
      ...promotion,
      stages: promotion.stages.map((stage) => ({ ...stage, operation_id: null, uid: null, revision: null })),
    });
    const { uid, operation_id } = rollout;
    const answer = { request_hash: "", status_code: 202, uid, operation_id, pointer: {} };
    system.record.keepAnswer({ actor: "promotion", key: `${id}-staging`, answer });
    expect(await toStaging(id)).toMatchObject({ rollout });
    expect((await system.promotions.promotion(id))?.stages).toMatchObject([{ uid, operation_id, revision: 2 }]);
  });
});

describe("a stage that a version cannot be brought to", () => {
  const stages = async (id: string) => (await system.promotions.promotion(id))?.stages;

  it("is entered while it is waited for", async () => {
    await put();
    const predictor = { runtime: "onnx", model_uri: "s3://artifacts/other" };
    await system.member("POST /v1/deployments", {
      body: { group: "fraud", name: "Card", id: "card", environment: "production", access: "public", predictor },
    });
    const id = await promotion("production");
    expect(await deployVersion({ promotion_id: id, stage: "production" }, ports())).toEqual({ free: false });
    expect(await stages(id)).toMatchObject([{ name: "production", operation_id: null, outcome: null }]);
  });

  it("is entered when it is refused", async () => {
    await put();
    const id = await promotion("staging");
    const taken = { group: "demo", name: "Card", id: "card-staging", environment: "staging", access: "public", start: false };
    await system.member("POST /v1/deployments", { body: { ...taken, predictor: { runtime: "onnx", model_uri: "s3://artifacts/x" } } });
    await expect(deployVersion({ promotion_id: id, stage: "staging" }, ports())).rejects.toMatchObject({ name: "PromotionFailed" });
    expect(await stages(id)).toMatchObject([{ name: "staging", operation_id: null }]);
  });

  it("is entered before a revision is stored that only then is started", async () => {
    await put();
    const predictor = { runtime: "onnx", model_uri: "s3://artifacts/other" };
    const own = { group: "fraud", name: "Card", id: "card", environment: "production", access: "public", start: false, predictor };
    await system.member("POST /v1/deployments", { body: own });
    const id = await promotion("production");
    const commit = system.record.commit.bind(system.record);
    const seen: unknown[] = [];
    vi.spyOn(system.record, "commit").mockImplementation(async (change) => {
      seen.push((await stages(id))?.length);
      await commit(change);
    });
    expect(await deployVersion({ promotion_id: id, stage: "production" }, ports())).toMatchObject({ free: true });
    expect(seen).toEqual([1, 1]);
  });
});
