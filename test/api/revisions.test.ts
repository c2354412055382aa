import { beforeEach, describe, expect, it } from "vitest";
import { at, type CardScorer, cardScorer } from "./card-scorer.ts";

let { system, head, running, end, patch } = {} as CardScorer;
beforeEach(() => {
  ({ system, head, running, end, patch } = cardScorer());
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
