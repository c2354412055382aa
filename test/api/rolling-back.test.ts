import { beforeEach, describe, expect, it } from "vitest";
import { at, body, type CardScorer, cardScorer } from "./card-scorer.ts";

let { system, head, running, end, patch, rollBack } = {} as CardScorer;
beforeEach(() => {
  ({ system, head, running, end, patch, rollBack } = cardScorer());
});

describe("a rollback", () => {
  it("goes to the last that served when nothing is said, and the next one further back", async () => {
    await running(3);
    const first = await rollBack();
    expect(first).toMatchObject({ status: 202, body: { operation: { kind: "ROLLBACK", revision: 2 } } });
    await end(first.body.operation.id);
    expect((await head()).revisions).toMatchObject({ running: 2, wanted: 2, served: [2, 1] });
    const second = await rollBack();
    expect(second.body.operation.revision).toBe(1);
  });

  it("goes to the last that served also while what serves is being tested: there is no rollout to go back from", async () => {
    await running(2);
    await system.member("POST /v1/deployments/{id}/smoke-tests", at);
    const answer = await rollBack();
    expect(answer).toMatchObject({ status: 202, body: { operation: { kind: "ROLLBACK", revision: 1 } } });
    expect(await rollBack({ revision: 2 })).toMatchObject({ status: 202 });
  });

  it("to what serves is refused also while that is being tested", async () => {
    await running(2);
    await system.member("POST /v1/deployments/{id}/smoke-tests", at);
    expect(await rollBack({ revision: 2 })).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    expect((await head()).active_operation?.kind).toBe("SMOKE_TEST");
  });

  it("goes to a revision", async () => {
    await running(3);
    const { body: answer } = await rollBack({ revision: 1 });
    expect(answer.operation).toMatchObject({ kind: "ROLLBACK", revision: 1, interrupts_serving: false });
  });

  it("uses the slot that is warm, by the machine that brings nothing up", async () => {
    const created = await system.member("POST /v1/deployments", { body: body() });
    await end(created.body.operation.id);
    const updated = await patch({ description: "second" });
    const operation = (await system.record.operation(updated.body.operation.id)) as never;
    await system.end(operation, "SUCCEEDED", 600);
    const { body: answer } = await rollBack();
    expect(answer.operation).toMatchObject({ slot: "blue", revision: 1 });
    expect(system.workflows.of(answer.operation.id)?.workflow).toBe("rollback");
  });

  it.each([
    [{ revision: 3 }, "is what runs"],
    [{ revision: 9 }, "there is no revision 9"],
    [{ model_version: 4 }, "serves no model of the registry"],
    [{ revision: 0 }, "revision"],
    [{ revision: 1, model_version: 1 }, "either"],
    [{ reversion: 1 }, "revision"],
  ])("to %j is refused and changes nothing", async (target, words) => {
    await running(3);
    const before = await head();
    expect(await rollBack(target)).toMatchObject({ status: 400, body: { code: "invalid-input", detail: expect.stringContaining(words) } });
    expect(await head()).toEqual(before);
  });

  it("without an earlier revision is refused", async () => {
    await running();
    expect(await rollBack()).toMatchObject({ status: 400, body: { detail: expect.stringContaining("no other revision has served") } });
  });

  it("of what never ran is not allowed", async () => {
    await system.member("POST /v1/deployments", { body: body({ start: false }) });
    expect(await rollBack()).toMatchObject({ status: 409, body: { code: "not-allowed-in-status" } });
  });

  it("aborts a rollout under way, and goes to what serves", async () => {
    await running();
    const { body: update } = await patch({ description: "second" });
    const { status, body: answer } = await rollBack();
    expect(status).toBe(202);
    expect(answer.operation).toMatchObject({ kind: "ROLLBACK", revision: 1, slot: "blue" });
    expect(await system.record.operation(update.operation.id)).toMatchObject({ outcome: "CANCELLED" });
  });

  it.each(["UPDATE", "ROLLBACK"])("to what is on its way by an %s is refused, which goes on", async (kind) => {
    await running(2);
    const begun = kind === "UPDATE" ? await patch({ description: "third" }) : await rollBack({ revision: 1 });
    const { id, revision } = begun.body.operation;
    const before = await head();
    const { status, body: problem } = await rollBack({ revision });
    expect([status, problem.code, problem.operation_id]).toEqual([409, "operation-in-progress", id]);
    expect(problem.allowed).toContain("abort");
    expect(problem.detail).toContain(`revision ${revision} of card-scorer is on its way already, by ${kind} ${id}`);
    expect(await head()).toEqual(before);
  });

  it("puts a hold on the deployment, which a person lifts", async () => {
    await running(2);
    await end((await rollBack()).body.operation.id);
    const held = await system.member("GET /v1/deployments/{id}", at);
    expect(held.body.hold).toMatchObject({ reason: expect.stringContaining("rolled back to revision 1") });
    const lifted = await system.member("DELETE /v1/deployments/{id}/hold", at);
    expect(lifted).toMatchObject({ status: 200, body: { deployment: { hold: null } } });
    expect(await system.member("DELETE /v1/deployments/{id}/hold", at)).toMatchObject({ status: 200 });
  });
});
