import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Promoting } from "./promoting.ts";

let scene: Promoting;
beforeAll(async () => {
  scene = await Promoting.start();
});
afterAll(() => scene?.stop());

describe("a version, by hand", () => {
  it("is verified in staging, waits for another person, and serves in production", async () => {
    await scene.model("card", { automatic: "none" });
    const version = await scene.register("card");
    const refused = await scene.promote("card", version, "production");
    expect(refused).toMatchObject({ status: 422, body: { code: "not-verified" } });

    const staged = await scene.promote("card", version, "staging");
    expect(staged.status).toBe(202);
    await scene.ended(staged.body.promotion.id, "SUCCEEDED");
    expect((await scene.call("GET", `/v1/models/demo/card/versions/${version}`)).body).toMatchObject({ verified_in: ["staging"] });

    const { id } = (await scene.promote("card", version, "production", {}, "member")).body.promotion;
    await scene.system.until("the gate waits", async () => (await scene.promotion(id)).waiting_for === "approval");
    expect((await scene.call("POST", `/v1/promotions/${id}/approve`, {}, "member")).status).toBe(403);
    const approved = await scene.call("POST", `/v1/promotions/${id}/approve`, { comment: "looks right" });
    expect(approved).toMatchObject({ status: 200, body: { waiting_for: null, evidence: { approval: { comment: "looks right" } } } });
    expect((await scene.call("POST", `/v1/promotions/${id}/approve`, {})).body).toMatchObject({ code: "not-allowed-in-status" });
    await scene.ended(id, "SUCCEEDED");
    expect(await (await fetch(`${scene.system.url}/endpoints/card/hello`)).json()).toMatchObject({ url: "/hello" });
    await scene.system.until(
      "staging is stopped",
      async () => (await scene.call("GET", "/v1/deployments/card-staging/state")).body.status === "STOPPED",
    );
  });
});

describe("a completed training job", () => {
  it("becomes a version that is verified, waits at the gate, is approved and serves", async () => {
    await scene.model("scores", { automatic: "production" });
    const detail = {
      job_id: "job-7",
      status: "COMPLETED",
      model: { group: "demo", name: "scores" },
      artifact_uri: "s3://artifacts/scores",
    };
    const job = { ...detail, framework: "onnx", metrics: { accuracy: 0.97 } };
    await scene.put([job, { ...job }, { ...job, status: "InProgress" }]);
    const waiting = await scene.promotion(await scene.atGate("scores"));
    expect(waiting).toMatchObject({ automatic: true, requested_by: "model-studio", stages: [{ name: "staging", outcome: "SUCCEEDED" }] });
    expect((await scene.call("GET", "/v1/models/demo/scores")).body.latest_version).toBe(1);
    expect((await scene.call("POST", `/v1/promotions/${waiting.id}/approve`, {})).status).toBe(200);
    await scene.ended(waiting.id, "SUCCEEDED");
    expect((await fetch(`${scene.system.url}/endpoints/scores/`)).status).toBe(200);
    const version = (await scene.call("GET", "/v1/models/demo/scores/versions/1")).body;
    expect(version).toMatchObject({ source: { name: "model-studio", id: "job-7" }, approved_by: ["admin@slipway.local"] });
  });

  it("whose model is not known is kept with the reason, and makes its version when it is replayed", async () => {
    await scene.put([
      { job_id: "job-8", status: "COMPLETED", model: { group: "demo", name: "later" }, artifact_uri: "s3://artifacts/later" },
    ]);
    const found = async () => (await scene.call("GET", "/v1/triggers")).body.items.find((one: { model: string }) => one.model === "later");
    await scene.system.until("the trigger is kept", async () => (await found())?.outcome === "UNUSABLE");
    const trigger = await found();
    expect(trigger.reason).toContain("there is no model demo/later");
    await scene.call("POST", "/v1/models", { group: "demo", name: "later" });
    const replayed = await scene.call("POST", `/v1/triggers/${trigger.id}/replay`);
    expect(replayed.body).toMatchObject({ outcome: "REGISTERED", version: 1, attempts: 2 });
    expect((await scene.call("POST", `/v1/triggers/${trigger.id}/replay`)).body).toMatchObject({ outcome: "KNOWN", version: 1 });
  });
});
