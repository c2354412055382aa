import { ulid } from "ulid";
import { expect, it } from "vitest";
import type { Trigger } from "../../domain/trigger.ts";
import type { Page, PageRequest } from "../../lambdas/ports/record.ts";
import type { TriggerStore } from "../../lambdas/ports/triggers.ts";
import { aTrigger } from "../doubles/memory-triggers.ts";

/** What every TriggerStore keeps: run on the double that other tests trust, and on DynamoDB. */
export function triggerStoreSuite(make: () => TriggerStore): void {
  const fresh = (over: Partial<Trigger> = {}) => aTrigger({ id: ulid(), key: ulid(), ...over });

  it("keeps a trigger whole, of a group that is known and of none", async () => {
    const store = make();
    for (const group of [null, ulid()]) {
      const given = fresh({ group, payload: { detail: { metrics: { accuracy: 0.97 }, nothing: null, list: [1, "a"] } } });
      expect(await store.accept(given)).toEqual(given);
      expect(await store.trigger(given.id)).toEqual(given);
    }
    expect(await store.trigger(ulid())).toBeUndefined();
  });

  it("keeps whatever somebody sends, however deep and large", async () => {
    const store = make();
    const deep = JSON.parse(`${"[".repeat(60)}${"]".repeat(60)}`);
    const given = fresh({ payload: JSON.parse(JSON.stringify({ deep, "": 1, loss: 3.4e300, least: 5e-324, count: 2 ** 63 })) });
    await store.accept(given);
    expect(await store.trigger(given.id)).toEqual(given);
    const settled: Trigger = { ...given, outcome: "IGNORED", attempts: 1 };
    await store.settle(settled, given.group);
    expect(await store.trigger(given.id)).toEqual(settled);
  });

  it("gives the first one for the same source and key, and keeps no second", async () => {
    const store = make();
    const [group, key] = [ulid(), ulid()];
    const first = fresh({ key, group });
    await store.accept(first);
    const second = fresh({ key, group, payload: { other: true } });
    expect(await store.accept(second)).toEqual(first);
    expect(await store.trigger(second.id)).toBeUndefined();
    expect((await store.triggers({ groups: [group], unknown: false }, { limit: 10 })).items).toEqual([first]);
    expect(await store.accept(fresh({ key, source: "another" }))).toMatchObject({ source: "another" });
  });

  it("keeps one of fifty deliveries at once", async () => {
    const store = make();
    const key = ulid();
    const kept = await Promise.all(Array.from({ length: 50 }, () => store.accept(fresh({ key }))));
    expect(new Set(kept.map(({ id }) => id)).size).toBe(1);
  });

  it("gives the settled one to a delivery that comes again", async () => {
    const store = make();
    const first = await store.accept(fresh());
    const settled: Trigger = { ...first, group: ulid(), outcome: "REGISTERED", version: 3, attempts: 1, handled_at: first.received_at };
    await store.settle(settled, first.group);
    expect(await store.accept(fresh({ key: first.key }))).toEqual(settled);
  });

  /** Each has seen it as it was accepted: of a group that is found meanwhile none of them knows. */
  it("keeps what one delivery did when another, looked at beside it, found it done", async () => {
    const store = make();
    const group = ulid();
    for (const known of [group, null]) {
      const first = await store.accept(fresh({ group: known }));
      const [did, found]: Trigger[] = ["REGISTERED" as const, "KNOWN" as const].map((outcome) => ({
        ...first,
        group,
        outcome,
        version: 1,
      }));
      for (const settled of [found, did, found] as Trigger[]) await store.settle(settled, first.group);
      expect(await store.trigger(first.id)).toEqual(did);
    }
  });

  it("moves a trigger to the group that was found for it, and is under one owner only", async () => {
    const store = make();
    const first = await store.accept(fresh());
    const [one, other] = [ulid(), ulid()];
    for (const [from, group] of [
      [null, one],
      [one, other],
      [other, null],
      [null, one],
      [null, null],
    ] as const) {
      const moved: Trigger = { ...first, group, outcome: "UNUSABLE", reason: "why" };
      await store.settle(moved, from);
      expect(await store.trigger(first.id)).toEqual(moved);
      const owners = await Promise.all([one, other].map(async (name) => (await everything(store, [name], false)).length));
      expect(owners).toEqual([one, other].map((name) => (name === group ? 1 : 0)));
    }
  });

  it("gives out copies", async () => {
    const store = make();
    const given = fresh();
    (await store.accept(given)).payload.changed = true;
    given.payload.changed = true;
    expect((await store.trigger(given.id))?.payload).toEqual({});
  });

  it("lists one group after the other, newest first, without a gap or a repetition", async () => {
    const store = make();
    const groups = [`b${ulid()}`, `a${ulid()}`];
    const ids = Array.from({ length: 6 }, (_, n) => ulid(1_800_000_000_000 + n));
    for (const [n, id] of ids.entries()) await store.accept(fresh({ id, group: groups[n % 2] ?? null }));
    const expected = [ids[5], ids[3], ids[1], ids[4], ids[2], ids[0]];
    for (const limit of [1, 2, 4, 100]) {
      expect((await everything(store, groups, false, limit)).map(({ id }) => id)).toEqual(expected);
    }
  });

  it("shows those of no known group only to who asks for them", async () => {
    const store = make();
    const given = await store.accept(fresh());
    const shown = async (unknown: boolean) => (await everything(store, [ulid()], unknown)).some(({ id }) => id === given.id);
    expect([await shown(true), await shown(false)]).toEqual([true, false]);
  });

  it("refuses a cursor of another query", async () => {
    const store = make();
    const group = ulid();
    for (let n = 0; n < 2; n += 1) await store.accept(fresh({ group }));
    const { next_cursor: cursor } = await store.triggers({ groups: [group], unknown: false }, { limit: 1 });
    expect(cursor).toBeTypeOf("string");
    const other = async () => store.triggers({ groups: [ulid()], unknown: false }, { limit: 1, cursor: cursor as string });
    await expect(other()).rejects.toMatchObject({ code: "invalid-input" });
  });
}

const everything = (store: TriggerStore, groups: string[], unknown: boolean, limit = 10): Promise<Trigger[]> =>
  allPages((page) => store.triggers({ groups, unknown }, page), limit);

export async function allPages<T>(read: (page: PageRequest) => Promise<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page: Page<T> = await read({ limit, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}
