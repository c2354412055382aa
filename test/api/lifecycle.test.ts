import { beforeEach, describe, expect, it } from "vitest";
import { answers } from "../../contract/answers.ts";
import type { Operation } from "../../domain/operation.ts";
import { type FraudGroup, fraudGroup, on } from "./fraud-group.ts";

let { system, create, stored } = {} as FraudGroup;
beforeEach(async () => {
  ({ system, create, stored } = await fraudGroup());
});

describe("starting, stopping, restarting and deleting", () => {
  const ask = (verb: string, more: object = {}) => system.member(`POST /v1/deployments/{id}/${verb}`, { ...on("card-scorer"), ...more });
  const remove = (name: string) => system.member("DELETE /v1/deployments/{id}", { ...on("card-scorer"), query: { name } });
  const workflowOf = (answer: { body: { operation: Operation } }) => system.workflows.of(answer.body.operation.id)?.workflow;

  it("begin an operation and its workflow", async () => {
    await create({ start: false });
    const start = await ask("start");
    expect(start).toMatchObject({
      status: 202,
      body: { operation: { kind: "START" } },
      headers: { location: `/v1/operations/${start.body.operation.id}` },
    });
    expect(answers.StartedOperation.safeParse(start.body).error).toBeUndefined();
    await system.end({ ...start.body.operation, epoch: 1 });
    const restart = await ask("restart");
    expect(restart).toMatchObject({ status: 202, body: { operation: { kind: "RESTART", revision: 1 } } });
    await system.end({ ...restart.body.operation, epoch: 2 });
    const stop = await ask("stop");
    expect(stop).toMatchObject({ status: 202, body: { operation: { kind: "STOP" } } });
    expect([workflowOf(start), workflowOf(restart), workflowOf(stop)]).toEqual(["rollout", "rollout", "shutdown"]);
    await system.end({ ...stop.body.operation, epoch: 3 });
    expect(await ask("start")).toMatchObject({ status: 202 });
  });

  it("are refused with the status and what is possible", async () => {
    await create({ start: false });
    expect(await ask("stop")).toMatchObject({ status: 409, body: { code: "not-allowed-in-status", deployment_status: "CREATED" } });
    expect((await ask("restart")).body.allowed).toEqual(expect.arrayContaining(["start", "update", "delete"]));
    await ask("start");
    expect(await ask("start")).toMatchObject({ status: 409, body: { code: "operation-in-progress" } });
  });

  it("aborts what is under way before it stops", async () => {
    const first = (await create()).body.operation;
    const stop = await ask("stop");
    expect(stop).toMatchObject({ status: 202, body: { operation: { kind: "STOP" } } });
    expect(await system.record.operation(first.id)).toMatchObject({ outcome: "CANCELLED", cause: { reason: "Aborted" } });
    expect(system.workflows.of(first.id)?.status).toBe("ABORTED");
    const epoch = (await stored())?.epoch as number;
    await expect(system.record.enterStep({ uid: first.uid, operation_id: first.id, epoch: 1 }, "ProvisionSlot", "x")).rejects.toMatchObject(
      { name: "StaleEpoch" },
    );
    expect(system.workflows.of(stop.body.operation.id)?.input.epoch).toBe(epoch);
    expect(await ask("stop")).toMatchObject({ status: 409, body: { code: "operation-in-progress", operation_id: stop.body.operation.id } });
  });

  it("goes on to stop although the workflow under way could not be stopped", async () => {
    const first = (await create()).body.operation;
    system.workflows.fault = new Error("throttled");
    expect(await ask("stop")).toMatchObject({ status: 202 });
    expect(await system.record.operation(first.id)).toMatchObject({ outcome: "CANCELLED" });
  });

  it("deletes only what is named exactly", async () => {
    await create({ start: false });
    expect(await remove("card scorer")).toMatchObject({ status: 400, body: { errors: [{ path: "name" }] } });
    expect(await system.member("DELETE /v1/deployments/{id}", on("card-scorer"))).toMatchObject({ status: 400 });
    const answer = await remove("Card scorer");
    expect(answer).toMatchObject({ status: 202, body: { operation: { kind: "DELETE" } } });
    expect(workflowOf(answer)).toBe("shutdown");
  });

  it("keeps a deleted deployment's history for its own group, by uid and by id", async () => {
    await create({ start: false });
    const { uid } = (await stored()) as { uid: string };
    const deletion = (await remove("Card scorer")).body.operation;
    await system.end({ ...deletion, epoch: 1 });
    for (const id of [uid, "card-scorer"]) {
      expect(await system.viewer("GET /v1/deployments/{id}", on(id))).toMatchObject({
        status: 200,
        body: { uid, deleted_at: expect.any(String) },
      });
      expect((await system.viewer("GET /v1/deployments/{id}/events", on(id))).body.items[0]).toMatchObject({ type: "Deployment Deleted" });
    }
    expect((await system.viewer("GET /v1/deployments")).body.items).toEqual([]);
    expect(await ask("start")).toMatchObject({ status: 404 });
  });

  it("holds the answer until the operation has ended, or the time is up", async () => {
    const first = await create();
    system.clock.whileSleeping = async () => {
      system.clock.whileSleeping = undefined;
      await system.end({ ...first.body.operation, epoch: 1 });
    };
    const waited = await system.member("GET /v1/operations/{id}", { parameters: { id: first.body.operation.id }, query: { wait: "25" } });
    expect(waited).toMatchObject({ status: 200, body: { outcome: "SUCCEEDED" } });
    const before = system.clock.now();
    expect(await ask("stop", { query: { wait: "5" } })).toMatchObject({ status: 202, body: { operation: { outcome: null } } });
    expect(system.clock.now() - before).toBe(5_000);
    expect(await ask("stop", { query: { wait: "26" } })).toMatchObject({ status: 400 });
  });

  it("shows the deployment as it is when the waiting is over", async () => {
    system.clock.whileSleeping = async () => {
      system.clock.whileSleeping = undefined;
      const operation = [...system.record.operations_.values()][0] as Operation;
      await system.end(operation);
    };
    const answer = await create({}, { query: { wait: "10" } });
    expect(answer).toMatchObject({
      status: 202,
      body: { operation: { outcome: "SUCCEEDED" }, deployment: { status: "RUNNING", revisions: { running: 1 } } },
    });
  });
});
