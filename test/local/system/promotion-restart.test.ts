import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Promoting } from "./promoting.ts";

let scene: Promoting;
beforeAll(async () => {
  scene = await Promoting.start("--trace", "{folder}/trace.jsonl");
  await scene.model("card", { automatic: "production" });
});
afterAll(() => scene?.stop());

/** Every state of a promotion in which something is done or waited for, in their order. */
const beforeApproval = ["ResolveVersion", "DeployVersionToStaging", "RollOutToStaging", "RecordVerification", "OpenGate", "AwaitApproval"];
const afterApproval = ["DeployVersionToProduction", "RollOutToProduction", "CompletePromotion"];

/** Whether the promotion's state machine has been in a state, by the trace. */
async function entered(state: string): Promise<boolean> {
  const lines = (await readFile(join(scene.folder, "trace.jsonl"), "utf8").catch(() => "")).split("\n");
  return lines.some((line) => line.includes('"PromotionWorkflow"') && line.includes(`"${state}"`));
}

async function killIn(states: string[]): Promise<void> {
  for (const state of states) {
    await scene.system.until(`the promotion is in ${state}`, () => entered(state), 180);
    await scene.restart();
  }
}

describe("a system that is killed in every state of a promotion", () => {
  it("brings it to its end, once, by the ways that were decided", async () => {
    const job = { job_id: "job-1", status: "COMPLETED", model: { group: "demo", name: "card" }, framework: "onnx" };
    await scene.put([{ ...job, artifact_uri: "s3://artifacts/card/first" }]);
    await killIn(beforeApproval);
    const id = await scene.atGate("card");
    expect((await scene.call("POST", `/v1/promotions/${id}/approve`, {})).status).toBe(200);
    await killIn(afterApproval);
    await scene.ended(id, "SUCCEEDED");
    // Its instance went with the system, and comes again with it.
    await scene.system.until("the model answers", async () => (await scene.answering("card")) === "first");
    const { stages, approved_by } = await scene.promotion(id);
    expect(stages).toMatchObject([{ outcome: "SUCCEEDED" }, { outcome: "SUCCEEDED" }]);
    expect(approved_by).toBe("admin@slipway.local");
    expect(await scene.promotions("card")).toHaveLength(1);
    const operations = (await scene.call("GET", "/v1/deployments/card/operations")).body.items;
    expect(operations).toMatchObject([{ kind: "START", outcome: "SUCCEEDED" }]);
  }, 600_000);
});
