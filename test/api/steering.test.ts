// cspell:ignore descriptoin
import { beforeEach, describe, expect, it } from "vitest";
import { at, body, type CardScorer, cardScorer } from "./card-scorer.ts";

let { system, head, running, end, patch } = {} as CardScorer;
beforeEach(() => {
  ({ system, head, running, end, patch } = cardScorer());
});

describe("an operation", () => {
  const abort = (id: string) => system.member("POST /v1/operations/{id}/abort", { parameters: { id } });
  const promote = (id: string) => system.member("POST /v1/operations/{id}/promote", { parameters: { id } });

  it("is aborted at any step: who served serves, its workflow is stopped, what it made is cleaned up", async () => {
    await running();
    const { id, uid } = (await patch({ description: "second" })).body.operation;
    const fence = { uid, operation_id: id, epoch: 2 };
    await system.record.enterStep(fence, "ShiftTraffic", new Date(system.clock.now()).toISOString());
    const { slots } = await head();
    await system.record.saveSlots(fence, {
      blue: { ...(slots.blue as never as object), weight: 90 } as never,
      green: { ...(slots.green as never as object), weight: 10 } as never,
    });
    expect(await abort(id)).toMatchObject({
      status: 200,
      body: { outcome: "CANCELLED", cause: { reason: "Aborted", message: expect.stringContaining("ada") } },
    });
    expect(await head()).toMatchObject({
      slots: { blue: { weight: 100, role: "active" }, green: { weight: 0 } },
      revisions: { running: 1 },
      epoch: 3,
    });
    expect(system.workflows.of(id)?.status).toBe("ABORTED");
    expect([...system.workflows.executions.values()].at(-1)).toMatchObject({ workflow: "shutdown", input: { uid, epoch: 3 } });
    expect(await abort(id)).toMatchObject({ status: 200, body: { outcome: "CANCELLED" } });
  });

  it("that has ended cannot be aborted or promoted", async () => {
    await running();
    const { items } = (await system.member("GET /v1/deployments/{id}/operations", at)).body;
    expect(await abort(items[0].id)).toMatchObject({
      status: 409,
      body: { code: "not-allowed-in-status", detail: expect.stringContaining("SUCCEEDED") },
    });
    expect(await promote(items[0].id)).toMatchObject({ status: 409 });
  });

  it("is promoted while it bakes, and at no other time", async () => {
    await running();
    const { id, uid } = (await patch({ description: "second" })).body.operation;
    expect(await promote(id)).toMatchObject({ status: 409, body: { detail: expect.stringContaining("waits for nobody") } });
    const begun = new Date(system.clock.now()).toISOString();
    await system.record.enterStep({ uid, operation_id: id, epoch: 2 }, "Bake", begun);
    expect(await promote(id)).toMatchObject({ status: 200 });
    expect((await head()).active_operation?.promotion).toMatchObject({ step_started_at: begun, by: "ada" });
  });

  it("gives way to an update that supersedes it", async () => {
    await running();
    const { id } = (await patch({ description: "second" })).body.operation;
    expect(await patch({ description: "third" })).toMatchObject({ status: 409, body: { code: "operation-in-progress", operation_id: id } });
    expect(await patch({ descriptoin: "third" }, { supersede: "true" })).toMatchObject({ status: 400 });
    expect((await head()).active_operation?.id).toBe(id);
    expect(await patch({ description: "third" }, { supersede: "true" })).toMatchObject({
      status: 202,
      body: { operation: { kind: "UPDATE", revision: 3 } },
    });
    expect(await system.record.operation(id)).toMatchObject({ outcome: "CANCELLED" });
  });
});

describe("smoke tests on demand", () => {
  const test = (more: object = {}) => system.member("POST /v1/deployments/{id}/smoke-tests", { ...at, ...more });

  it("begin an operation of what runs, once for the same key", async () => {
    await running(2);
    const headers = { "idempotency-key": "k1" };
    const begun = await test({ headers });
    expect(begun).toMatchObject({ status: 202, body: { operation: { kind: "SMOKE_TEST", revision: 2, interrupts_serving: false } } });
    expect((await test({ headers })).body.operation.id).toBe(begun.body.operation.id);
    expect(system.workflows.of(begun.body.operation.id)?.workflow).toBe("verification");
    expect((await system.viewer("GET /v1/deployments/{id}", at)).body).toMatchObject({ status: "RUNNING" });
  });

  it("are refused where nothing serves, and while an operation runs", async () => {
    const { body: created } = await system.member("POST /v1/deployments", { body: body() });
    expect(await test()).toMatchObject({ status: 409, body: { code: "operation-in-progress", operation_id: created.operation.id } });
    await end(created.operation.id);
    await end((await system.member("POST /v1/deployments/{id}/stop", at)).body.operation.id);
    expect(await test()).toMatchObject({ status: 409, body: { code: "not-allowed-in-status", deployment_status: "STOPPED" } });
    expect(await system.viewer("POST /v1/deployments/{id}/smoke-tests", at)).toMatchObject({ status: 403 });
  });
});
