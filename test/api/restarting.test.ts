import { beforeEach, describe, expect, it } from "vitest";
import { at, body, type CardScorer, cardScorer } from "./card-scorer.ts";

let { system, head, running, end, patch, rollBack } = {} as CardScorer;
beforeEach(() => {
  ({ system, head, running, end, patch, rollBack } = cardScorer());
});

describe("a restart while an operation runs", () => {
  const restart = (more: object = {}) => system.member("POST /v1/deployments/{id}/restart", { ...at, ...more });
  const kept = async () =>
    (await system.member("GET /v1/deployments/{id}/operations", at)).body.items.map(
      (each: { kind: string; revision: number; outcome: string | null }) => `${each.kind} ${each.revision} ${each.outcome}`,
    );

  it("aborts the rollout, and restarts what has the traffic", async () => {
    await running();
    const { id } = (await patch({ description: "second" })).body.operation;
    const { status, body: answer } = await restart();
    expect({ status, operation: answer.operation }).toMatchObject({
      status: 202,
      operation: { kind: "RESTART", revision: 1, slot: "green", interrupts_serving: false },
    });
    expect(await kept()).toEqual(["RESTART 1 null", "UPDATE 2 CANCELLED", "START 1 SUCCEEDED"]);
    expect(system.workflows.of(id)?.status).toBe("ABORTED");
    expect(await head()).toMatchObject({ revisions: { wanted: 1, running: 1 }, slots: { blue: { weight: 100, role: "active" } } });
  });

  it("gives all of the traffic back to what had most of it", async () => {
    await running();
    const { id, uid } = (await patch({ description: "second" })).body.operation;
    const { slots } = await head();
    await system.record.saveSlots(
      { uid, operation_id: id, epoch: 2 },
      {
        blue: { ...(slots.blue as never as object), weight: 90 } as never,
        green: { ...(slots.green as never as object), weight: 10 } as never,
      },
    );
    expect((await restart()).body.operation).toMatchObject({ revision: 1, slot: "green" });
    expect((await head()).slots).toMatchObject({ blue: { revision: 1, weight: 100 }, green: { revision: 1, weight: 0 } });
  });

  it("is of what is wanted while nothing has served yet", async () => {
    await system.member("POST /v1/deployments", { body: body() });
    expect(await restart()).toMatchObject({ status: 202, body: { operation: { kind: "RESTART", revision: 1 } } });
    expect(await kept()).toEqual(["RESTART 1 null", "START 1 CANCELLED"]);
  });

  it("ends a smoke test of what serves, and a rollback", async () => {
    await running(2);
    await system.member("POST /v1/deployments/{id}/smoke-tests", at);
    await end((await restart()).body.operation.id);
    await rollBack();
    expect((await restart()).body.operation).toMatchObject({ kind: "RESTART", revision: 2 });
    expect((await kept()).slice(0, 4)).toEqual(["RESTART 2 null", "ROLLBACK 1 CANCELLED", "RESTART 2 SUCCEEDED", "SMOKE_TEST 2 CANCELLED"]);
  });

  it.each(["stop", "restart"])("waits for a %s", async (verb) => {
    await running();
    const { body: first } = await system.member(`POST /v1/deployments/{id}/${verb}`, at);
    const before = await head();
    expect(await restart()).toMatchObject({ status: 409, body: { code: "operation-in-progress", operation_id: first.operation.id } });
    expect(await head()).toEqual(before);
  });

  it("is one of many that come at once: the rollout is aborted once, and no restart by another", async () => {
    await running();
    await patch({ description: "second" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => restart()));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === "operation-in-progress")).toHaveLength(19);
    expect(await kept()).toEqual(["RESTART 1 null", "UPDATE 2 CANCELLED", "START 1 SUCCEEDED"]);
  });

  it("leaves the rollout alone when somebody has changed the deployment since it was read, or may not", async () => {
    await running();
    const { version } = await head();
    await patch({ description: "second" });
    const before = await head();
    expect(await restart({ headers: { "if-match": `"${version}"` } })).toMatchObject({ status: 412, body: { code: "version-moved" } });
    expect(await system.viewer("POST /v1/deployments/{id}/restart", at)).toMatchObject({ status: 403 });
    expect(await head()).toEqual(before);
    expect(await restart({ headers: { "if-match": `"${before.version}"` } })).toMatchObject({ status: 202 });
  });

  it("is one for the same key, however often it is asked for", async () => {
    await running();
    await patch({ description: "second" });
    const headers = { "idempotency-key": "again" };
    const { body: first } = await restart({ headers });
    const second = await restart({ headers });
    expect(second).toMatchObject({ status: 202, body: { operation: { id: first.operation.id, outcome: null } } });
    expect(await kept()).toHaveLength(3);
  });
});
