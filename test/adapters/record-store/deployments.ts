import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import type { Head } from "../../../domain/deployment.ts";
import { nextOperationId } from "../../../domain/operation-id.ts";
import type { IdempotentAnswer } from "../../../lambdas/ports/record.ts";
import { aCard, anEvent, aRevision, aSlot, at, begun, created, ended } from "../../doubles/deployments.ts";
import { create, everything, freshId, reasons, running, type Subject } from "./subject.ts";

export function keepsDeployments(subject: () => Subject): void {
  const make = () => subject().record;

  describe("deployments", () => {
    it("is found by id and uid, with what was decided", async () => {
      const record = make();
      const { after } = await create(record, { id: freshId() });
      expect(await record.uidOf(after.id)).toBe(after.uid);
      expect(await record.uidOf(after.uid)).toBe(after.uid);
      expect(await record.head(after.uid)).toEqual(after);
      for (const reference of [after.uid, after.id, after.id])
        expect(await record.state(reference)).toMatchObject({ head: after, observed: undefined });
      expect(await record.revision(after.uid, 1)).toEqual(aRevision(1));
    });

    it("gives undefined for what does not exist", async () => {
      const record = make();
      const nobody = ulid();
      expect(await record.uidOf(freshId())).toBeUndefined();
      expect(await record.head(nobody)).toBeUndefined();
      for (const reference of [nobody, freshId()]) expect(await record.state(reference)).toBeUndefined();
      expect(await record.observed(nobody)).toBeUndefined();
      expect(await record.revision(nobody, 1)).toBeUndefined();
      expect(await record.operation(nobody)).toBeUndefined();
      expect(await record.idempotent("ada", "none")).toBeUndefined();
    });

    it("gives out copies", async () => {
      const record = make();
      const { after } = await create(record, { id: freshId() });
      const head = (await record.head(after.uid)) as Head;
      head.slots.blue = aSlot();
      expect((await record.head(after.uid))?.slots.blue).toBeNull();
    });

    it("gives an id to one of fifty who want it at once", async () => {
      const record = make();
      const id = freshId();
      const tries = await Promise.allSettled(Array.from({ length: 50 }, () => record.commit(created({ id, uid: ulid() }))));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(reasons(tries)).toEqual(Array(49).fill("id"));
    });

    it("lets one of fifty changes of the same version through", async () => {
      const record = make();
      const { after: before } = await create(record, { id: freshId() });
      const change = (n: number) => ({
        before,
        after: { ...before, version: 2, event_sequence: 2, updated_by: `person-${n}` },
        events: [anEvent(2)],
        card: aCard(before),
      });
      const tries = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => record.commit(change(n))));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(reasons(tries)).toEqual(Array(49).fill("version"));
      expect((await record.events(before.uid, { limit: 10 })).items).toHaveLength(2);
    });

    it("changes nothing when one condition of the transaction fails", async () => {
      const record = make();
      const { after: before } = await create(record, { id: freshId() });
      const start = begun(before);
      await record.commit(start);
      const late = begun(before, "START", nextOperationId({ uid: before.uid, last: start.operation.id }, 0));
      await expect(record.commit(late)).rejects.toMatchObject({ name: "RecordConflict", what: "version" });
      expect(await record.operation(late.operation.id)).toBeUndefined();
      expect(await record.head(before.uid)).toEqual(start.after);
    });

    it("is listed once under its newest name", async () => {
      const record = make();
      const group = freshId();
      const { after: before } = await create(record, { id: freshId(), group, name: "Old name" });
      const after = { ...before, name: "New name", version: 2, event_sequence: 2 };
      await record.commit({ before, after, events: [anEvent(2)], card: aCard(after) });
      const { items } = await record.cards({ groups: [group] }, { limit: 10 });
      expect(items.map(({ name }) => name)).toEqual(["New name"]);
    });
  });

  describe("history", () => {
    it("is paged newest first, without a gap or a repetition", async () => {
      const record = make();
      const { after: made } = await create(record, { id: freshId() });
      let before = made;
      for (const n of [2, 3, 4, 5, 6, 7]) {
        const after: Head = { ...before, version: n, event_sequence: n, revisions: { ...before.revisions, latest: n } };
        await record.commit({ before, after, events: [anEvent(n)], revision: aRevision(n), card: aCard(after) });
        before = after;
      }
      const events = await everything((page) => record.events(made.uid, page), 3);
      expect(events.map(({ sequence }) => sequence)).toEqual([7, 6, 5, 4, 3, 2, 1]);
      const revisions = await everything((page) => record.revisions(made.uid, page), 2);
      expect(revisions.map(({ revision }) => revision)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    });

    it("refuses a cursor of another query and one that is none", async () => {
      const record = make();
      const { after: one } = await create(record, { id: freshId() });
      const { after: other } = await create(record, { id: freshId() });
      const start = begun(one);
      await record.commit(start);
      const { next_cursor } = await record.events(one.uid, { limit: 1 });
      expect(next_cursor).toBeTypeOf("string");
      for (const cursor of [next_cursor as string, "nonsense", ""]) {
        await expect(record.events(other.uid, { limit: 1, cursor })).rejects.toMatchObject({ name: "Problem", code: "invalid-input" });
      }
    });
  });

  describe("idempotency", () => {
    const answer = (uid: string): IdempotentAnswer => ({ request_hash: "h", status_code: 201, uid, operation_id: null, pointer: {} });

    it("makes one of fifty equal requests take effect, and tells the others", async () => {
      const record = make();
      const id = freshId();
      const request = () => {
        const decision = created({ id, uid: ulid() });
        return record.commit({ ...decision, idempotency: { actor: "ada", key: id, answer: answer(decision.after.uid) } });
      };
      const tries = await Promise.allSettled(Array.from({ length: 50 }, request));
      expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(reasons(tries)).toEqual(Array(49).fill("idempotency"));
      expect(await record.idempotent("ada", id)).toEqual(answer((await record.uidOf(id)) as string));
    });

    it("keeps an answer for a day, for its own actor and key", async () => {
      const { record, passTime } = subject();
      const decision = created({ id: freshId() });
      const key = freshId();
      await record.commit({ ...decision, idempotency: { actor: "a#b", key, answer: answer(decision.after.uid) } });
      expect(await record.idempotent("a", `b#${key}`)).toBeUndefined();
      expect(await record.idempotent("a#b", key)).toEqual(answer(decision.after.uid));
      passTime(24 * 60 * 60 * 1000 + 1000);
      expect(await record.idempotent("a#b", key)).toBeUndefined();
      const again = created({ id: freshId() });
      await record.commit({ ...again, idempotency: { actor: "a#b", key, answer: answer(again.after.uid) } });
      expect(await record.idempotent("a#b", key)).toEqual(answer(again.after.uid));
    });
  });

  describe("deletion", () => {
    it("takes the card away, keeps the history and frees the id", async () => {
      const record = make();
      const group = freshId();
      const { fence, head } = await running(record, { group }, "DELETE");
      expect((await record.state(head.id))?.head.uid).toBe(head.uid);
      await record.endOperation(fence, ended(head, "SUCCEEDED", { deleted_at: at }));
      expect((await record.cards({ groups: [group] }, { limit: 10 })).items).toEqual([]);
      expect(await record.uidOf(head.id)).toBe(head.uid);
      expect((await record.head(head.uid))?.deleted_at).toBe(at);
      expect((await record.state(head.id))?.head).toMatchObject({ uid: head.uid, deleted_at: at });
      const { after: next } = await create(record, { id: head.id, group });
      expect(await record.uidOf(head.id)).toBe(next.uid);
      expect((await record.state(head.id))?.head.uid).toBe(next.uid);
      expect(await record.operation(fence.operation_id)).toMatchObject({ outcome: "SUCCEEDED", uid: head.uid });
      await expect(record.commit(created({ id: head.id }))).rejects.toMatchObject({ what: "id" });
    });
  });
}
