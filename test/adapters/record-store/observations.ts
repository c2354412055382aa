import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import { anObservation } from "../../doubles/deployments.ts";
import { everything, running, type Subject, transition } from "./subject.ts";

export function keepsObservations(subject: () => Subject): void {
  const make = () => subject().record;

  describe("what was seen", () => {
    it("is kept, and an older epoch's is refused", async () => {
      const record = make();
      const { fence, head } = await running(record);
      const first = anObservation({ epoch: 2 });
      await record.saveObserved(fence.uid, first, undefined);
      const seen = anObservation({ epoch: 2, version: 2, observed_at: "2026-11-21T10:00:00.000Z" });
      await record.saveObserved(fence.uid, seen, first);
      const older = anObservation({ epoch: 1, version: 3 });
      await expect(record.saveObserved(fence.uid, older, seen)).rejects.toMatchObject({ name: "StaleEpoch" });
      expect(await record.observed(fence.uid)).toEqual(seen);
      expect(await record.state(fence.uid)).toMatchObject({ head, observed: seen });
    });

    it("is refused when somebody else has written since", async () => {
      const record = make();
      const { fence } = await running(record);
      const first = anObservation();
      const next = anObservation({ version: 2 });
      const overtaken = { name: "RecordConflict", what: "version" };
      await record.saveObserved(fence.uid, first, undefined);
      await expect(record.saveObserved(fence.uid, first, undefined)).rejects.toMatchObject(overtaken);
      await record.saveObserved(fence.uid, next, first);
      await expect(record.saveObserved(fence.uid, next, first)).rejects.toMatchObject(overtaken);
      expect(await record.observed(fence.uid)).toEqual(next);
    });

    it("keeps every transition in order, whoever loses a race or writes twice", async () => {
      const record = make();
      const { fence } = await running(record);
      const total = 40;
      let before = anObservation({ transitions: [transition(0)] });
      await record.saveObserved(fence.uid, before, undefined);
      for (let index = 1; index < total; index++) {
        const leaves = before.transitions.length === 3;
        const next = (n: number) => ({
          ...before,
          version: before.version + 1,
          transitions: [transition(n), ...(leaves ? [] : before.transitions)],
          earlier: before.earlier + (leaves ? before.transitions.length : 0),
        });
        await record.saveObserved(fence.uid, next(index), before);
        await expect(record.saveObserved(fence.uid, next(1_000), before)).rejects.toMatchObject({ what: "version" });
        before = next(index);
      }
      const read = await everything((page) => record.transitions(fence.uid, page), 7);
      expect(read.map(({ reason }) => reason)).toEqual(Array.from({ length: total }, (_, index) => `R${total - 1 - index}`));
      expect(await record.transitions(ulid(), { limit: 5 })).toEqual({ items: [] });
    });
  });
}
