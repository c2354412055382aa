import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Promoting, target } from "./promoting.ts";

let scene: Promoting;
beforeAll(async () => {
  scene = await Promoting.start();
});
afterAll(() => scene?.stop());

const smoke_tests = [{ name: "known", method: "GET", path: "/known", expect: { status: 200 } }];
/** A small part of the callers try a version first, and errors of it end that. */
const careful = {
  ...{ strategy: "canary", percent: 50, bake_seconds: 20, drain_seconds: 0, warm_seconds: 0 },
  auto_rollback: { error_rate_percent: 10, min_requests: 20 },
};
const job = (name: string, artifact: string, sequence: number) => ({
  ...{ job_id: `${name}-${sequence}`, status: "COMPLETED", model: { group: "demo", name } },
  ...{ artifact_uri: `s3://artifacts/${name}/${artifact}`, framework: "onnx", sequence },
});

describe("a version whose artifact is missing", () => {
  it("fails in staging with the cause, which the promotion and the version keep; production is not touched", async () => {
    await scene.model("absent", { automatic: "production", gate: "auto" });
    await scene.put([job("absent", "missing", 1)]);
    await scene.system.until("it is on its way", async () => (await scene.promotions("absent")).length === 1);
    const [{ id }] = await scene.promotions("absent");
    await scene.ended(id, "FAILED");
    const { cause, stages } = await scene.promotion(id);
    expect(cause.message).toContain("no object at s3://artifacts/absent/missing");
    expect(stages).toMatchObject([{ name: "staging", outcome: "FAILED" }]);
    const state = await scene.state("absent-staging");
    expect(state).toMatchObject({ status: "FAILED", condition: { type: "INITIALIZED", status: "False" } });
    const operation = (await scene.call("GET", `/v1/operations/${stages[0].operation_id}`)).body;
    expect(operation).toMatchObject({ outcome: "FAILED", evidence: expect.anything() });
    const version = (await scene.call("GET", "/v1/models/demo/absent/versions/1")).body;
    expect(version).toMatchObject({ verified_in: [], failure: { environment: "staging", promotion_id: id } });
    expect((await scene.call("GET", "/v1/deployments/absent")).status).toBe(404);
  });
});

describe("versions that come one after the other by themselves", () => {
  it("serve when they are good, stop in staging when they are wrong, and are rolled back and held when they err", async () => {
    await scene.model("scored", { automatic: "production", gate: "auto", smoke_tests, production: target({ rollout: careful }) });
    await scene.put([job("scored", "good-1", 1)]);
    await scene.system.until("the first is on its way", async () => (await scene.promotions("scored")).length === 1);
    await scene.ended((await scene.promotions("scored"))[0].id, "SUCCEEDED");
    expect(await scene.answering("scored")).toBe("good-1");

    await scene.put([job("scored", "wrong-2", 2)]);
    await scene.system.until("the second is on its way", async () => (await scene.promotions("scored")).length === 2);
    const second = (await scene.promotions("scored"))[0].id;
    await scene.ended(second, "FAILED");
    expect((await scene.promotion(second)).cause.message).toContain("known");
    expect(await scene.answering("scored")).toBe("good-1");

    const callers = keepCalling("scored");
    try {
      await scene.put([job("scored", "errs-3", 3)]);
      await scene.system.until("the third is on its way", async () => (await scene.promotions("scored")).length === 3);
      const third = (await scene.promotions("scored"))[0].id;
      await scene.ended(third, "ROLLED_BACK");
    } finally {
      await callers.stop();
    }
    expect(callers.unanswered()).toBe(0);
    expect(await scene.answering("scored")).toBe("good-1");
    const deployment = (await scene.call("GET", "/v1/deployments/scored")).body;
    expect(deployment.hold).toMatchObject({ by: "slipway" });

    // Nothing goes there by itself any more: a person is asked.
    await scene.put([job("scored", "good-4", 4)]);
    await scene.system.until("the fourth is on its way", async () => (await scene.promotions("scored")).length === 4);
    const fourth = await scene.atGate("scored");
    expect(await scene.answering("scored")).toBe("good-1");
    expect((await scene.call("POST", `/v1/promotions/${fourth}/approve`, { comment: "the cause is mended" })).status).toBe(200);
    await scene.ended(fourth, "SUCCEEDED");
    expect(await scene.answering("scored")).toBe("good-4");
  }, 600_000);
});

/** Callers who never pause; whoever gets no answer of a model server is counted. */
function keepCalling(id: string) {
  let stopped = false;
  let unanswered = 0;
  const one = async (): Promise<void> => {
    while (!stopped) {
      const answer = await fetch(`${scene.system.url}/endpoints/${id}/call`).then((response) => response.text(), String);
      if (!answer.includes('"artifact"')) unanswered += 1;
    }
  };
  const all = Promise.all([one(), one()]);
  return {
    unanswered: () => unanswered,
    stop: async () => {
      stopped = true;
      await all;
    },
  };
}
