import { beforeEach, describe, expect, it } from "vitest";
import { at, body, type CardScorer, cardScorer } from "./card-scorer.ts";

let { system, head, running } = {} as CardScorer;
beforeEach(() => {
  ({ system, head, running } = cardScorer());
});

const headers = { "idempotency-key": "k1" };
const update = (description: string, more: object = {}) =>
  system.member("PATCH /v1/deployments/{id}", { ...at, headers, body: { description }, ...more });
const remove = (more: object = {}) =>
  system.member("DELETE /v1/deployments/{id}", { ...at, headers, query: { name: "Card scorer" }, ...more });

describe("an update that is sent again under its key", () => {
  it("is the same operation, while it runs and when it has ended", async () => {
    await running();
    const { version } = await head();
    const ifMatch = { headers: { ...headers, "if-match": `"${version}"` } };
    const first = await update("second", ifMatch);
    const again = await update("second", ifMatch);
    expect(first.status).toBe(202);
    expect(again).toMatchObject({ status: 202, body: first.body });
    await system.end((await system.record.operation(first.body.operation.id)) as never);
    expect(await update("second")).toMatchObject({
      status: 202,
      body: { operation: { id: first.body.operation.id, outcome: "SUCCEEDED" } },
    });
    expect((await head()).revisions.latest).toBe(2);
  });

  it("is refused with another body, and for another deployment", async () => {
    await running();
    await update("second");
    const reused = { status: 422, body: { code: "idempotency-key-reused" } };
    expect(await update("third")).toMatchObject(reused);
    expect(await update("second", { parameters: { id: "another" } })).toMatchObject(reused);
    expect(await system.member("POST /v1/deployments/{id}/stop", { ...at, headers })).toMatchObject(reused);
  });

  it("is stored once where it is stored only", async () => {
    await system.member("POST /v1/deployments", { body: body({ start: false }) });
    for (const _time of ["first", "again"]) {
      const { status, body: answer } = await update("second");
      expect([status, answer.deployment.specification.description]).toEqual([200, "second"]);
    }
    expect((await head()).revisions).toMatchObject({ latest: 2, wanted: 2 });
  });

  it("leaves the key unused by a dry run and by what is refused", async () => {
    await running();
    expect(await update("second", { query: { dry_run: "true" } })).toMatchObject({ status: 200 });
    expect(await update("second", { body: { colour: "red" } })).toMatchObject({ status: 400 });
    expect(await update("second")).toMatchObject({ status: 202 });
  });
});

describe("a deletion that is sent again under its key", () => {
  it("is the same operation, also when the deployment is gone", async () => {
    await running();
    const first = await remove();
    expect(first).toMatchObject({ status: 202, body: { operation: { kind: "DELETE" } } });
    expect((await remove()).body).toEqual(first.body);
    await system.end((await system.record.operation(first.body.operation.id)) as never);
    expect(await remove()).toMatchObject({ status: 202, body: { operation: { id: first.body.operation.id, outcome: "SUCCEEDED" } } });
  });
});

describe("a change whose write was not answered", () => {
  const lost = new Error("no answer");
  /** The record takes the change, and its answer is lost. */
  function loseReply(): void {
    const commit = system.record.commit.bind(system.record);
    system.record.commit = async (change) => {
      await commit(change);
      throw lost;
    };
  }

  it("is answered as made where its key tells that it was", async () => {
    await running();
    loseReply();
    expect(await update("second")).toMatchObject({ status: 202, body: { operation: { kind: "UPDATE", revision: 2 } } });
  });

  it("is the write's own error where the key cannot be read either", async () => {
    await running();
    system.record.commit = () => Promise.reject(lost);
    const idempotent = system.record.idempotent.bind(system.record);
    const answers = [idempotent, () => Promise.reject(new Error("of reading"))];
    system.record.idempotent = (actor, key) => (answers.shift() ?? idempotent)(actor, key);
    expect(await update("second")).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(system.log.lines).toContainEqual(expect.objectContaining({ extra: lost }));
  });

  it("is answered as made, too, when nobody can say any more what became of it", async () => {
    await running();
    system.record.operation = () => Promise.reject(lost);
    const answer = await update("second", { query: { wait: "5" } });
    expect(answer).toMatchObject({ status: 202, body: { operation: { kind: "UPDATE", outcome: null } } });
  });
});
