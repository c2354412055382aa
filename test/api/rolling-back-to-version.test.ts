import { beforeEach, describe, expect, it } from "vitest";
import { at, body, type CardScorer, cardScorer } from "./card-scorer.ts";

let { system, head, end, patch, rollBack } = {} as CardScorer;
beforeEach(async () => {
  ({ system, head, end, patch, rollBack } = cardScorer());
  for (const name of ["card", "other"]) {
    await system.member("POST /v1/models", { body: { group: "fraud", name } });
    for (let version = 1; version <= 4; version++) {
      const given = { artifact_uri: `s3://artifacts/${name}/${version}`, runtime: "onnx" };
      await system.member("POST /v1/models/{group}/{name}/versions", { parameters: { group: "fraud", name }, body: given });
    }
  }
});

const env = [{ name: "KEY", value: "the key", secret: true }];
/** Serves these models, one revision after the other. */
async function served(...models: { name?: string; version: number }[]): Promise<void> {
  for (const [index, { name = "card", version }] of models.entries()) {
    const predictor = { runtime: "onnx", model: { name, version }, env };
    const given = index === 0 ? await system.member("POST /v1/deployments", { body: body({ predictor }) }) : await patch({ predictor });
    await end(given.body.operation.id);
  }
}
const modelOf = async (revision: number) => {
  const { uid } = await head();
  return (await system.record.revision(uid, revision))?.specification.predictor.model;
};

describe("a rollback to a version of the model", () => {
  it("goes to the revision that served it last", async () => {
    await served({ version: 1 }, { version: 2 }, { version: 2 }, { version: 3 });
    await patch({ description: "never served", predictor: { model: { version: 2 } } });
    const { body: answer } = await rollBack({ model_version: 2 });
    expect(answer.operation).toMatchObject({ kind: "ROLLBACK", revision: 3 });
    expect(await modelOf(3)).toEqual({ name: "card", version: 2 });
  });

  it("means the model that is served, not another of the same number", async () => {
    await served({ version: 2 }, { name: "other", version: 2 }, { name: "card", version: 3 });
    const { body: answer } = await rollBack({ model_version: 2 });
    expect(answer.operation.revision).toBe(1);
  });

  it("makes a revision where none has it, as what serves with its secrets, and holds what was rolled back", async () => {
    await served({ version: 3 });
    const { status, body: answer } = await rollBack({ model_version: 2 });
    expect(status).toBe(202);
    expect(answer.operation).toMatchObject({ kind: "ROLLBACK", revision: 2, slot: "green", interrupts_serving: false });
    const { uid, revisions } = await head();
    expect(revisions).toMatchObject({ latest: 2, wanted: 2, running: 1 });
    const made = await system.record.revision(uid, 2);
    expect(made).toMatchObject({
      update_message: "back to version 2 of card",
      resolved: { predictor: { artifact_uri: "s3://artifacts/card/2" } },
    });
    expect(await system.secrets.get({ uid, revision: 2, component: "predictor" })).toEqual({ KEY: "the key" });
    await end(answer.operation.id);
    expect((await system.member("GET /v1/deployments/{id}", at)).body).toMatchObject({
      revisions: { running: 2 },
      hold: { reason: expect.stringContaining("rolled back to revision 2") },
    });
  });

  it("goes to what serves when a rollout away from it is under way", async () => {
    await served({ version: 1 });
    const update = await patch({ predictor: { model: { version: 2 } } });
    const { body: answer } = await rollBack({ model_version: 1 });
    expect(answer.operation).toMatchObject({ revision: 1, slot: "blue" });
    expect(await system.record.operation(update.body.operation.id)).toMatchObject({ outcome: "CANCELLED" });
  });

  it.each([
    [{ model_version: 3 }, "is what runs"],
    [{ model_version: 9 }, "no such version: its newest is 4"],
  ])("%j is refused by the field that was given and changes nothing, a rollout under way included", async (target, words) => {
    await served({ version: 1 }, { version: 3 });
    const before = await head();
    const { status, body: problem } = await rollBack(target);
    expect(status).toBe(400);
    const errors = [{ path: "model_version", message: expect.stringContaining(words), given: target.model_version }];
    expect(problem).toMatchObject({ code: "invalid-input", detail: expect.stringContaining(words), errors });
    expect(problem.detail).not.toContain("predictor");
    expect(await head()).toEqual(before);
    const update = await patch({ description: "next" });
    expect((await rollBack({ model_version: 9 })).status).toBe(400);
    expect((await head()).active_operation?.id).toBe(update.body.operation.id);
  });
});
