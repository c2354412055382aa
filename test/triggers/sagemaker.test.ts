import { beforeEach, describe, expect, it } from "vitest";
import type { ReportSources } from "../../domain/report-sources.ts";
import type { Taking } from "../../lambdas/operations/take-trigger.ts";
import { CannotBeAsked, type ModelTracking } from "../../lambdas/ports/report-lookups.ts";
import { resolveVersion } from "../../lambdas/promotion/resolve-version.ts";
import { interpreter } from "../../lambdas/triggers/interpret.ts";
import { receiveEvent } from "../../lambdas/triggers/receive-event.ts";
import { type Installation, installation } from "../doubles/installation.ts";

const sources: ReportSources = {
  webhooks: {},
  sagemaker: {
    model_package_groups: { CardPackages: { group: "fraud", model: "card" }, "cards-*": { group: "fraud", model: null } },
    training_jobs: { "card-*": { group: "fraud", model: null }, "card-old-*": { group: "fraud", model: "older" } },
  },
};

let system: Installation;
let ports: Taking;
let artifacts: Record<string, string | Error>;
let packages: Record<string, { artifact: string | undefined; approval: string | undefined }>;
beforeEach(async () => {
  system = installation();
  artifacts = {};
  packages = {};
  const look = async (name: string) => {
    const found = artifacts[name];
    if (found instanceof Error) throw found;
    return found;
  };
  const modelPackage = async (name: string) => packages[name];
  ports = {
    ...system,
    log: { warn: (message: string) => system.log.warn(message) },
    interpret: interpreter(sources, { tracking: {} as ModelTracking, sageMaker: { trainingArtifact: look, modelPackage } }),
  };
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card" } });
});

const arn = (resource: string) => `arn:aws:sagemaker:eu-west-1:111122223333:${resource}`;
const event = (kind: string, detail: object) => ({
  id: `event-${Math.random()}`,
  source: "aws.sagemaker",
  "detail-type": kind,
  time: "2026-11-21T09:12:03Z",
  detail,
});
const job = (TrainingJobName: string, over: object = {}) =>
  event("SageMaker Training Job State Change", {
    ...{
      TrainingJobName,
      TrainingJobArn: arn(`training-job/${TrainingJobName}`),
      TrainingJobStatus: "Completed",
      CreationTime: 1_795_252_000_000,
    },
    ...{ HyperParameters: { key: "canary-of-hyperparameters" }, OutputDataConfig: { S3OutputPath: "s3://out" }, ...over },
  });
const modelPackage = (version: number, over: object = {}) =>
  event("SageMaker Model Package State Change", {
    ...{
      ModelPackageGroupName: "CardPackages",
      ModelPackageVersion: version,
      ModelPackageArn: arn(`model-package/cardpackages/${version}`),
    },
    ...{ ModelPackageStatus: "Completed", ModelApprovalStatus: "Approved", LastModifiedTime: 1_795_252_000_000 + version },
    InferenceSpecification: { Containers: [{ Image: "image", ModelDataUrl: `s3://packages/card/${version}` }] },
    ...over,
  });
/** Every version goes to production by itself. */
const automatic = () => {
  const specification = { access: "public", predictor: { runtime: "onnx" } };
  const body = { automatic: "production", staging: { specification }, production: { specification } };
  return system.admin("PUT /v1/models/{group}/{name}/promotion-policy", { parameters: { group: "fraud", name: "card" }, body });
};
/** Our own word that there is a version, as the record's stream puts it on the bus. */
const registered = (version: number) => ({
  ...{ id: `registered-${version}`, source: "slipway", "detail-type": "Model Version Registered", time: "2026-11-21T09:12:04Z" },
  detail: { model: { group: "fraud", name: "card" }, version },
});
const versions = () => system.record.versions.get("fraud/card") ?? [];
const triggers = () => [...system.triggers.all.values()];
const outcomes = () => triggers().map(({ outcome }) => outcome);

describe("a training job of SageMaker's", () => {
  it("that is done is a version, which lies where SageMaker says, once however often it is told", async () => {
    const name = "card-2026-11-21-09-12-03-120";
    artifacts[name] = `s3://out/${name}/output/model.tar.gz`;
    await receiveEvent(job(name), ports);
    await receiveEvent(job(name), ports);
    expect(versions()).toMatchObject([
      { artifact_uri: artifacts[name], training_job: name, source: { name: "sagemaker-jobs", sequence: 1_795_252_000_000 } },
    ]);
    expect(outcomes()).toEqual(["REGISTERED"]);
    expect(JSON.stringify(triggers())).not.toContain("canary-of-hyperparameters");
  });

  it.each([
    ["is none that is configured", job("other-1"), "IGNORED", /none of those under reports\.sagemaker\.training_jobs/],
    ["is not done", job("card-1", { TrainingJobStatus: "Failed" }), "IGNORED", /is Failed: only Completed/],
    ["left nothing", job("card-2026-11-21-09-12-03-120"), "UNUSABLE", /SageMaker names no artifact of arn:.*card-2026/],
    ["is of a model that nobody has made", job("card-old-7"), "UNUSABLE", /there is no model fraud\/older/],
  ])("that %s is kept with its reason", async (_what, given, outcome, reason) => {
    artifacts["card-old-7"] = "s3://out/7";
    await receiveEvent(given, ports);
    expect(triggers()).toMatchObject([{ outcome, reason: expect.stringMatching(reason) }]);
    expect(versions()).toEqual([]);
  });

  it("is looked at again when SageMaker does not answer now, by the bus's own repetition", async () => {
    const name = "card-2026-11-21-09-12-03-120";
    artifacts[name] = new CannotBeAsked("SageMaker answers ThrottlingException: Rate exceeded", true);
    await expect(receiveEvent(job(name), ports)).rejects.toThrow("Rate exceeded");
    expect(triggers()).toMatchObject([{ outcome: "UNUSABLE", attempts: 1 }]);
    artifacts[name] = "s3://out/1";
    await receiveEvent(job(name), ports);
    expect(triggers()).toMatchObject([{ outcome: "REGISTERED", attempts: 2 }]);
  });
});

describe("a model package of SageMaker's", () => {
  it("that is approved is a version by its own number; what the event leaves out SageMaker is asked", async () => {
    await receiveEvent(modelPackage(2), ports);
    packages[arn("model-package/cardpackages/1")] = { artifact: "s3://asked/1", approval: "Approved" };
    await receiveEvent(modelPackage(1, { InferenceSpecification: undefined }), ports);
    expect(versions()).toMatchObject([
      { version: 1, artifact_uri: "s3://packages/card/2", source: { name: "sagemaker", sequence: 2 } },
      { version: 2, artifact_uri: "s3://asked/1", source: { sequence: 1 } },
    ]);
  });

  it("that waits for approval is nothing yet, and several events of one change are one", async () => {
    await receiveEvent(modelPackage(1, { ModelApprovalStatus: "PendingManualApproval" }), ports);
    expect(versions()).toEqual([]);
    await receiveEvent(modelPackage(1), ports);
    await receiveEvent(modelPackage(1, { LastModifiedTime: 1_795_252_999_999 }), ports);
    expect(versions()).toHaveLength(1);
    expect(outcomes()).toEqual(["IGNORED", "REGISTERED", "KNOWN"]);
  });

  it("that is rejected by now is nothing, however late the event of its approval comes", async () => {
    packages[arn("model-package/cardpackages/1")] = { artifact: "s3://asked/1", approval: "Rejected" };
    await receiveEvent(modelPackage(1, { ModelApprovalStatus: "Rejected" }), ports);
    await receiveEvent(modelPackage(1), ports);
    expect(versions()).toEqual([]);
    expect(triggers()).toMatchObject([
      { outcome: "IGNORED" },
      { outcome: "IGNORED", reason: "version 1 of CardPackages is Rejected by now" },
    ]);
  });

  it("that is rejected before its promotion has begun begins none by itself, until it is approved again", async () => {
    await automatic();
    await receiveEvent(modelPackage(1), ports);
    await receiveEvent(modelPackage(1, { ModelApprovalStatus: "Rejected" }), ports);
    await receiveEvent(registered(1), ports);
    expect(system.promotions.all.size).toBe(0);
    expect(outcomes()).toEqual(["REGISTERED", "WITHDRAWN"]);
    expect(versions()).toMatchObject([{ withdrawn: { by: "sagemaker", reason: "version 1 of CardPackages was rejected" } }]);
    await receiveEvent(modelPackage(1, { LastModifiedTime: 1_795_252_999_999 }), ports);
    expect(versions()).toMatchObject([{ withdrawn: null }]);
    expect(outcomes()).toEqual(["REGISTERED", "WITHDRAWN", "KNOWN"]);
  });

  it("that is rejected while its promotion begins ends it at its first step", async () => {
    await automatic();
    await receiveEvent(modelPackage(1), ports);
    await receiveEvent(registered(1), ports);
    const [promotion] = [...system.promotions.all.values()];
    await system.record.noteWithdrawal({ group: "fraud", name: "card", version: 1 }, { by: "sagemaker", at: "now", reason: "rejected" });
    const input = { promotion_id: promotion?.id ?? "" };
    await expect(resolveVersion(input, system)).rejects.toMatchObject({ name: "PromotionFailed", reason: "Withdrawn" });
  });

  it("that is rejected ends what is on its way with it, and nothing else", async () => {
    await automatic();
    await receiveEvent(modelPackage(1), ports);
    await system.member("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
      parameters: { group: "fraud", name: "card", version: "1" },
      body: { environment: "staging" },
    });
    await receiveEvent(modelPackage(2, { ModelApprovalStatus: "Rejected" }), ports);
    expect([...system.promotions.all.values()]).toMatchObject([{ outcome: null }]);
    await receiveEvent(modelPackage(1, { ModelApprovalStatus: "Rejected" }), ports);
    const [promotion] = [...system.promotions.all.values()];
    expect(promotion).toMatchObject({
      outcome: "CANCELLED",
      cause: { reason: "Withdrawn", message: "sagemaker: version 1 of CardPackages was rejected" },
    });
    expect(system.promotionWorkflow.executions.get(promotion?.id ?? "")).toBe("ABORTED");
    expect(outcomes()).toEqual(["REGISTERED", "IGNORED", "WITHDRAWN"]);
  });
});
