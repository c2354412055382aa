import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import { aSlot, begun, created, ended } from "../../doubles/deployments.ts";
import { create, everything, freshId, running, type Subject } from "./subject.ts";

export function keepsCards(subject: () => Subject): void {
  const make = () => subject().record;

  describe("cards", () => {
    it("are sorted by name within each group, whatever the page", async () => {
      const record = make();
      const [first, second] = [`a${freshId()}`, `b${freshId()}`];
      const names = ["Zebra", "apple", "Mango", "banana"];
      for (const group of [second, first]) for (const name of names) await create(record, { id: freshId(), group, name });
      for (const limit of [1, 3, 100]) {
        const cards = await everything((page) => record.cards({ groups: [second, first] }, page), limit);
        const sorted = ["apple", "banana", "Mango", "Zebra"];
        expect(cards.map(({ group, name }) => [group, name])).toEqual(
          [first, second].flatMap((group) => sorted.map((name) => [group, name])),
        );
      }
    });

    it("are searched by the beginning of the name and filtered", async () => {
      const record = make();
      const group = freshId();
      await create(record, { id: freshId(), group, name: "Scorer one", environment: "staging" });
      await create(record, { id: freshId(), group, name: "scorer two", created_by: "eve", updated_by: "bob" });
      await create(record, { id: freshId(), group, name: "Other" });
      const named = async (query: object) =>
        (await everything((page) => record.cards({ groups: [group], ...query }, page), 2)).map(({ name }) => name);
      expect(await named({ search: "SCORER" })).toEqual(["Scorer one", "scorer two"]);
      expect(await named({ search: "scorer", environment: "staging" })).toEqual(["Scorer one"]);
      expect(await named({ mine: "bob" })).toEqual(["scorer two"]);
      expect(await named({ mine: "eve" })).toEqual(["scorer two"]);
      expect(await named({ status: "RUNNING" })).toEqual([]);
      expect(await named({ status: "CREATED", model: "card-fraud" })).toHaveLength(3);
      expect(await named({ model: "other" })).toEqual([]);
    });

    it("of many groups are all reached page by page", async () => {
      const record = make();
      const groups = Array.from({ length: 30 }, (_, n) => `g${String(n).padStart(2, "0")}${freshId()}`);
      await create(record, { id: freshId(), group: groups[0], name: "first" });
      await create(record, { id: freshId(), group: groups[29], name: "last" });
      const cards = await everything((page) => record.cards({ groups }, page), 10);
      expect(cards.map(({ name }) => name)).toEqual(["first", "last"]);
    });

    it("of no group are none", async () => {
      expect(await make().cards({ groups: [] }, { limit: 10 })).toEqual({ items: [] });
    });
  });

  describe("the index by cluster", () => {
    it("holds a deployment while something of it runs", async () => {
      const record = make();
      const cluster = freshId();
      const place = { ...created().after.place, cluster };
      const { fence, head } = await running(record, { place });
      await create(record, { id: freshId(), place });
      expect(await record.deploymentsIn(cluster)).toEqual([fence.uid]);
      expect(await record.heads([fence.uid, ulid()])).toEqual([head]);
      const serving = await record.endOperation(
        fence,
        ended(head, "SUCCEEDED", { slots: { blue: aSlot({ role: "active" }), green: null } }),
      );
      expect(await record.deploymentsIn(cluster)).toEqual([fence.uid]);
      const stop = begun(serving, "STOP");
      await record.commit(stop);
      const stopFence = { uid: fence.uid, operation_id: stop.operation.id, epoch: stop.after.epoch };
      await record.endOperation(stopFence, ended(stop.after, "SUCCEEDED", { slots: { blue: null, green: null } }));
      expect(await record.deploymentsIn(cluster)).toEqual([]);
    });

    it("gives any number of heads", async () => {
      const record = make();
      const made = await Promise.all(Array.from({ length: 105 }, () => create(record, { id: freshId() })));
      const heads = await record.heads(made.map(({ after }) => after.uid));
      expect(heads.map(({ uid }) => uid).sort()).toEqual(made.map(({ after }) => after.uid).sort());
    });
  });
}
