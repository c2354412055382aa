import { describe, expect, it } from "vitest";
import type { MlflowSource } from "../../domain/report-sources.ts";
import { CannotBeAsked, type ModelTracking, type SageMakerLookups } from "../../lambdas/ports/report-lookups.ts";
import { interpreter } from "../../lambdas/triggers/interpret.ts";
import { aTrigger } from "../doubles/memory-triggers.ts";

const server = { url: "https://mlflow.example.com", credentials_secret: null };
const configured: MlflowSource = {
  ...{ kind: "mlflow", group: "fraud", models: { "Card Fraud": "card" }, aliases: { champion: "production" }, runtime: "onnx" },
  ...{ tags: { "validated=yes": "staging" }, artifact_tag: "slipway.artifact_uri", tracking: null },
  ...{ artifact_prefixes: { "mlflow-artifacts:/": "s3://models/", "mlflow-artifacts:/1/": "s3://first/" } },
};
const unasked: ModelTracking = {
  version: () => Promise.reject(new Error("the server was not to be asked")),
  alias: () => Promise.reject(new Error("the server was not to be asked")),
};

function read(
  what: string,
  data: object,
  { over = {}, tracking = unasked }: { over?: Partial<MlflowSource>; tracking?: ModelTracking } = {},
) {
  const [entity, action] = what.split(".");
  const payload = { entity, action, timestamp: "2026-11-21T01:42:04.553486+00:00", data };
  const sources = { webhooks: { registry: { ...configured, ...over } }, sagemaker: { model_package_groups: {}, training_jobs: {} } };
  return interpreter(sources, { tracking, sageMaker: {} as SageMakerLookups })(aTrigger({ source: "registry", kind: what, payload }));
}
const version = (over: object = {}) => ({
  name: "Card Fraud",
  version: "7",
  source: "s3://models/7",
  run_id: null,
  tags: {},
  description: null,
  ...over,
});
const source = { name: "registry", id: "Card Fraud/7", sequence: 7 };

describe("a version that MLflow has made", () => {
  it("is one of the mapped model, by MLflow's number", async () => {
    const candidate = { group: "fraud", name: "card", artifact_uri: "s3://models/7", runtime: "onnx", source };
    expect(await read("model_version.created", version())).toMatchObject({ does: "register", candidate });
  });

  it.each([
    ["its tag", { source: "models:/m-1", tags: { "slipway.artifact_uri": "gs://tagged/7" } }, "gs://tagged/7"],
    ["what stands for the beginning of its source", { source: "mlflow-artifacts:/2/m-1/artifacts" }, "s3://models/2/m-1/artifacts"],
    ["what stands for the longest of them", { source: "mlflow-artifacts:/1/m-1/artifacts" }, "s3://first/m-1/artifacts"],
  ])("lies where %s says", async (_what, over, artifact_uri) => {
    expect(await read("model_version.created", version(over))).toMatchObject({ does: "register", candidate: { artifact_uri } });
  });

  it("lies where the tracking server says, when its source names no place", async () => {
    const asked: unknown[] = [];
    const tracking = {
      ...unasked,
      version: async (...given: unknown[]) => {
        asked.push(given);
        return { location: "mlflow-artifacts:/3/m-1/artifacts", tags: {} };
      },
    };
    const meaning = await read("model_version.created", version({ source: "models:/m-1" }), { over: { tracking: server }, tracking });
    expect(meaning).toMatchObject({ does: "register", candidate: { artifact_uri: "s3://models/3/m-1/artifacts" } });
    expect(asked).toEqual([[server, "Card Fraud", "7"]]);
  });

  it.each([
    [
      "no place is known of it",
      {},
      { source: "models:/m-1" },
      /\(models:\/m-1\) is no location .* configure tracking or artifact_prefixes/,
    ],
    ["its name is none here", {}, { name: "A model" }, /MLflow's model A model can have no such name here/],
    ["it has no number", {}, { version: "latest" }, /data\.version/],
  ])("cannot be used when %s", async (_what, over, data, reason) => {
    const meaning = await read("model_version.created", version(data), { over });
    expect(meaning).toMatchObject({ does: "fail", reason: expect.stringMatching(reason) });
    expect(meaning).not.toHaveProperty("passes");
  });

  it("is to be looked at again when the tracking server does not answer now", async () => {
    const tracking = { ...unasked, version: () => Promise.reject(new CannotBeAsked("the tracking server does not answer", true)) };
    const meaning = await read("model_version.created", version({ source: "models:/m-1" }), { over: { tracking: server }, tracking });
    expect(meaning).toEqual({ does: "fail", reason: "the tracking server does not answer", passes: true });
  });
});

describe("an alias", () => {
  const alias = { name: "Card Fraud", alias: "champion", version: "7" };

  it("sends its version to the environment that is configured for it", async () => {
    const meaning = await read("model_version_alias.created", alias);
    expect(meaning).toEqual({ does: "promote", group: "fraud", name: "card", source, environment: "production" });
    expect(await read("model_version_alias.created", { ...alias, alias: "toString" })).toMatchObject({ does: "nothing" });
  });

  it("counts as the server has it now, whatever comes first; the version comes with it", async () => {
    let now: string | undefined = "8";
    const tracking = { alias: async () => now, version: async () => ({ location: "s3://models/7", tags: {} }) };
    const over = { tracking: server };
    const late = await read("model_version_alias.created", alias, { over, tracking });
    expect(late).toEqual({ does: "nothing", reason: "version 8 has the alias champion by now, not version 7" });
    now = "7";
    const meaning = await read("model_version_alias.created", alias, { over, tracking });
    expect(meaning).toMatchObject({ does: "promote", environment: "production", candidate: { artifact_uri: "s3://models/7", source } });
  });
});

describe("a tag", () => {
  const tag = (key: string, value: string) => read("model_version_tag.set", { name: "Card Fraud", version: "7", key, value });

  it("may say where the artifact is, or where its version is to go, or nothing to us", async () => {
    expect(await tag("slipway.artifact_uri", "s3://tagged/7")).toMatchObject({
      does: "register",
      candidate: { artifact_uri: "s3://tagged/7" },
    });
    expect(await tag("validated", "yes")).toMatchObject({ does: "promote", environment: "staging" });
    expect(await tag("validated", "no")).toMatchObject({ does: "nothing" });
  });
});

describe("what else MLflow sends", () => {
  it.each([
    [
      "a test of the webhook",
      "model_version.created",
      { name: "example_model", version: "1", source: "models:/123" },
      /a test of the webhook/,
    ],
    ["a model without a version", "registered_model.created", { name: "Card Fraud", tags: {}, description: null }, /speaks of no version/],
    ["an alias that was taken away", "model_version_alias.deleted", { name: "Card Fraud", alias: "champion" }, /speaks of no version/],
    ["a tag that was taken away", "model_version_tag.deleted", { name: "Card Fraud", version: "7", key: "a" }, /has no effect here/],
  ])("has no effect: %s", async (_what, kind, data, reason) => {
    expect(await read(kind, data)).toMatchObject({ does: "nothing", reason: expect.stringMatching(reason) });
  });
});
