import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ofKind, readTrace } from "../../../bench/trace.ts";
import { Promoting } from "./promoting.ts";

let scene: Promoting;
beforeAll(async () => {
  scene = await Promoting.start("--trace", "{folder}/trace.jsonl");
  await scene.model("card", { automatic: "production", gate: "auto" });
});
afterAll(() => scene?.stop());

/** What a promotion costs beside its rollouts, on the whole system. A longer list here is a larger bill. */
describe("a promotion from a training job to production", () => {
  it("takes 15 transitions, and one invocation for each step", async () => {
    const job = { job_id: "job-1", status: "COMPLETED", model: { group: "demo", name: "card" }, framework: "onnx" };
    await scene.put([{ ...job, artifact_uri: "s3://artifacts/card/first" }]);
    await scene.system.until("it is on its way", async () => (await scene.promotions("card")).length === 1);
    const [{ id }] = await scene.promotions("card");
    await scene.ended(id, "SUCCEEDED");
    const trace = () => readTrace(join(scene.folder, "trace.jsonl"));
    const over = () => ofKind(trace(), "execution").some(({ execution, status }) => execution === id && status === "SUCCEEDED");
    await scene.system.until("its workflow has ended", async () => over());
    const entered = ofKind(trace(), "transition").filter(({ execution }) => execution === id);
    expect(entered.map(({ state }) => state)).toEqual([
      ...["ResolveVersion", "WhichWay", "DeployVersionToStaging", "StagingIsFree", "RollOutToStaging", "RecordVerification", "IsVerified"],
      ...["OpenGate", "GateIsOpen", "DeployVersionToProduction", "ProductionIsFree", "RollOutToProduction"],
      ...["CompletePromotion", "IsComplete", "Promoted"],
    ]);
    const steps = ["ResolveVersion", "DeployVersion", "RecordVerification", "OpenGate", "AwaitApproval", "CompletePromotion"];
    const invoked = ofKind(trace(), "invocation").map((line) => line.function);
    expect(steps.map((step) => invoked.filter((name) => name === step).length)).toEqual([1, 2, 1, 1, 0, 1]);
  }, 300_000);
});
