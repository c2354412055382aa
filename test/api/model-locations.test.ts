import { beforeEach, describe, expect, it } from "vitest";
import { takeTrigger } from "../../lambdas/operations/take-trigger.ts";
import { type Installation, installation } from "../doubles/installation.ts";
import { body } from "./card-scorer.ts";

let system: Installation;
const fraud = { parameters: { name: "fraud" } };
const card = { parameters: { group: "fraud", name: "card" } };
beforeEach(async () => {
  system = installation();
  await system.member("POST /v1/models", { body: { group: "fraud", name: "card" } });
});
const allow = (model_locations: string[] | null) => system.admin("PUT /v1/groups/{name}", { ...fraud, body: { model_locations } });
const register = (artifact_uri: string) =>
  system.member("POST /v1/models/{group}/{name}/versions", { ...card, body: { artifact_uri, runtime: "onnx" } });
const deploy = (over: object) => system.member("POST /v1/deployments", { body: body({ start: false, ...over }) });
const outside = expect.stringContaining("takes artifacts from s3://models/fraud only");

describe("the locations of a group", () => {
  it("are anywhere until a platform admin says so, and stay when the group is put without them", async () => {
    expect((await system.member("GET /v1/groups/{name}", fraud)).body).toMatchObject({ name: "fraud", model_locations: null });
    expect((await allow(["s3://models/fraud"])).body).toMatchObject({ model_locations: ["s3://models/fraud"] });
    await system.admin("PUT /v1/groups/{name}", { ...fraud, body: {} });
    expect((await system.member("GET /v1/groups/{name}", fraud)).body.model_locations).toEqual(["s3://models/fraud"]);
    expect((await system.member("PUT /v1/groups/{name}", { ...fraud, body: { model_locations: null } })).status).toBe(403);
    expect((await allow(null)).body.model_locations).toBeNull();
  });

  it.each(["models/fraud", "s3://", "s3://models/../other", "ftp://models", "s3://models/%2e", "s3://models//fraud"])(
    "cannot be %s",
    async (location) => {
      expect(await allow([location])).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    },
  );

  it("bound what the registry takes", async () => {
    await allow(["s3://models/fraud"]);
    expect(await register("s3://elsewhere/card")).toMatchObject({ status: 400, body: { code: "invalid-input", detail: outside } });
    expect((await register("s3://models/fraud/card/1")).status).toBe(201);
  });

  it("bound what other systems report, which is kept with its reason and can be replayed", async () => {
    await allow(["s3://models/fraud"]);
    const detail = { job_id: "j-1", status: "COMPLETED", model: { group: "fraud", name: "card" }, artifact_uri: "s3://elsewhere/card" };
    const payload = { detail, time: "2026-11-21T09:12:03Z" };
    const kept = await takeTrigger(
      { ...system, log: { warn: (message: string) => system.log.warn(message) } },
      { source: "model-studio", kind: "Training Job State Change", key: "j-1", payload },
    );
    expect(kept).toMatchObject({ outcome: "UNUSABLE", group: "fraud", reason: outside });
    expect(system.record.versions.size).toBe(0);
    await allow(null);
    const replayed = await system.member("POST /v1/triggers/{id}/replay", { parameters: { id: kept.id } });
    expect(replayed.body).toMatchObject({ outcome: "REGISTERED", version: 1 });
  });

  it("bound what deployments run: a location, a script, and a version that was registered before", async () => {
    await register("s3://elsewhere/card");
    await allow(["s3://models/fraud"]);
    const refused = { status: 400, body: { code: "invalid-input", detail: outside } };
    expect(await deploy({ predictor: { runtime: "onnx", model_uri: "s3://elsewhere/card" } })).toMatchObject(refused);
    expect(await deploy({ predictor: { runtime: "onnx", model: { name: "card", version: 1 } } })).toMatchObject(refused);
    const transformer = { runtime: "node", script_uri: "s3://elsewhere/transformer.mjs" };
    const predictor = { runtime: "onnx", model_uri: "s3://models/fraud/card/1" };
    expect(await deploy({ predictor, transformer })).toMatchObject(refused);
    expect((await deploy({ predictor })).status).toBe(201);
    expect(await deploy({ predictor: { image: "me/server:1" }, id: "own-image" })).toMatchObject({ status: 201 });
  });
});
