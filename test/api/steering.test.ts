// cspell:ignore descriptoin
import { beforeEach, describe, expect, it } from "vitest";
import { type Installation, installation } from "../doubles/installation.ts";

let system: Installation;
beforeEach(() => {
  system = installation();
});

const body = (over: object = {}) => ({
  group: "fraud",
  name: "Card scorer",
  id: "card-scorer",
  environment: "production",
  access: "public",
  predictor: { image: "me/server:1" },
  ...over,
});
const at = { parameters: { id: "card-scorer" } };
const head = async () => {
  const found = await system.record.head((await system.record.uidOf("card-scorer")) ?? "");
  if (!found) throw new Error("the deployment was not created");
  return found;
};

async function running(revisions = 1): Promise<void> {
  const created = await system.member("POST /v1/deployments", { body: body() });
  await end(created.body.operation.id);
  for (let revision = 2; revision <= revisions; revision++)
    await end((await patch({ description: `revision ${revision}` })).body.operation.id);
}
async function end(id: string): Promise<void> {
  await system.end((await system.record.operation(id)) as NonNullable<Awaited<ReturnType<typeof system.record.operation>>>);
}
const patch = (given: object, query: Record<string, string> = {}) =>
  system.member("PATCH /v1/deployments/{id}", { ...at, query, body: given });
const rollBack = (given: object = {}) => system.member("POST /v1/deployments/{id}/rollback", { ...at, body: given });

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

  it("goes to a revision, or to the newest with a model version", async () => {
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
    [{ model_version: 4 }, "has model version 4"],
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

describe("what served when", () => {
  const pass = (): string => {
    system.clock.time += 60_000;
    return new Date(system.clock.time).toISOString();
  };
  const ask = async (verb: string, given?: object) =>
    (await system.member(`POST /v1/deployments/{id}/${verb}`, { ...at, ...(given && { body: given }) })).body.operation;
  const served = async (revision: number) =>
    (await system.viewer("GET /v1/deployments/{id}/revisions/{revision}", { parameters: { id: "card-scorer", revision: `${revision}` } }))
      .body.served;

  it("is told of each revision: by updates, a rollback, a failure, a stop, a start and a delete", async () => {
    const begun = pass();
    await running();
    const updated = pass();
    await end((await patch({ description: "second" })).body.operation.id);
    pass();
    await system.end((await system.record.operation((await patch({ description: "third" })).body.operation.id)) as never, "FAILED");
    const back = pass();
    await end((await ask("rollback", { revision: 1 })).id);
    const stopped = pass();
    await end((await ask("stop")).id);
    const again = pass();
    await end((await ask("start")).id);
    expect(await served(1)).toEqual([
      { from: again, to: null },
      { from: back, to: stopped },
      { from: begun, to: updated },
    ]);
    const { items } = (await system.viewer("GET /v1/deployments/{id}/revisions", at)).body;
    expect(items.map((item: { revision: number; served: object[] }) => [item.revision, item.served])).toEqual([
      [3, []],
      [2, [{ from: updated, to: back }]],
      [1, await served(1)],
    ]);
    const { uid } = await head();
    const deleted = pass();
    const removal = await system.member("DELETE /v1/deployments/{id}", { ...at, query: { name: "Card scorer" } });
    await end(removal.body.operation.id);
    const answer = await system.viewer("GET /v1/deployments/{id}/revisions/{revision}", { parameters: { id: uid, revision: "1" } });
    expect(answer.body.served[0]).toEqual({ from: again, to: deleted });
  });

  it("is the same of a page of revisions as of each", async () => {
    await running(4);
    await end((await ask("restart")).id);
    const { items, next_cursor } = (await system.viewer("GET /v1/deployments/{id}/revisions", { ...at, query: { limit: "2" } })).body;
    const rest = (await system.viewer("GET /v1/deployments/{id}/revisions", { ...at, query: { limit: "2", cursor: next_cursor } })).body
      .items;
    expect([...items, ...rest].map((item: { served: object[] }) => item.served)).toEqual([
      await served(4),
      await served(3),
      await served(2),
      await served(1),
    ]);
    expect((await served(4)).map(({ to }: { to: string | null }) => to)).toEqual([null]);
  });
});

describe("two revisions", () => {
  it("are compared field by field", async () => {
    await running();
    await patch({ description: "second", predictor: { image: "me/server:2", env: [{ name: "A", value: "1" }] } });
    const answer = await system.viewer("GET /v1/deployments/{id}/revisions/{a}/compare/{b}", {
      parameters: { id: "card-scorer", a: "1", b: "2" },
    });
    expect(answer.body).toEqual({
      a: 1,
      b: 2,
      differences: [
        { path: "resolved.predictor.image", before: "me/server:1", after: "me/server:2" },
        { path: "specification.description", before: "", after: "second" },
        { path: "specification.predictor.env.0", before: null, after: { name: "A", value: "1" } },
        { path: "specification.predictor.image", before: "me/server:1", after: "me/server:2" },
      ],
    });
  });
});
