import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import type { Condition, Head } from "../../domain/deployment.ts";
import { nextOperationId } from "../../domain/operation-id.ts";
import type { Fence, IdempotentAnswer, Page, PageRequest, RecordStore } from "../../lambdas/ports/record.ts";
import { aCard, anEvent, anObservation, aRevision, aSlot, at, begun, created, ended } from "../doubles/deployments.ts";

export interface Subject {
  record: RecordStore;
  /** Moves the record's clock on. */
  passTime(milliseconds: number): void;
}

/** What every RecordStore keeps: run on the double that other tests trust, and on DynamoDB. */
export function recordStoreSuite(subject: () => Subject): void {
  const make = () => subject().record;

  describe("deployments", () => {
    it("is found by id and uid, with what was decided", async () => {
      const record = make();
      const { after } = await create(record, { id: freshId() });
      expect(await record.uidOf(after.id)).toBe(after.uid);
      expect(await record.uidOf(after.uid)).toBe(after.uid);
      expect(await record.head(after.uid)).toEqual(after);
      expect(await record.state(after.uid)).toEqual({ head: after, observed: undefined });
      expect(await record.revision(after.uid, 1)).toEqual(aRevision(1));
    });

    it("gives undefined for what does not exist", async () => {
      const record = make();
      const nobody = ulid();
      expect(await record.uidOf(freshId())).toBeUndefined();
      expect(await record.head(nobody)).toBeUndefined();
      expect(await record.state(nobody)).toBeUndefined();
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

  describe("an operation's progress", () => {
    it("closes a step when the next one begins and enters one only once", async () => {
      const record = make();
      const { fence } = await running(record);
      await record.enterStep(fence, "Prepare", "2026-11-21T09:00:00.000Z");
      const again = await record.enterStep(fence, "Prepare", "2026-11-21T09:00:01.000Z");
      expect(again.active_operation?.steps).toHaveLength(1);
      const head = await record.enterStep(fence, "ProvisionSlot", "2026-11-21T09:00:02.000Z");
      const steps = [
        {
          name: "Prepare",
          started_at: "2026-11-21T09:00:00.000Z",
          ended_at: "2026-11-21T09:00:02.000Z",
          outcome: "SUCCEEDED",
          detail: null,
        },
        { name: "ProvisionSlot", started_at: "2026-11-21T09:00:02.000Z", ended_at: null, outcome: null, detail: null },
      ];
      expect(head.active_operation).toMatchObject({ step: "ProvisionSlot", steps });
      expect(await record.head(fence.uid)).toEqual(head);
      expect((await record.operation(fence.operation_id))?.steps).toEqual(steps);
      expect((await record.operations(fence.uid, { limit: 5 })).items[0]?.steps).toEqual(steps);
    });

    it("keeps slots, and shows their weights with the operation", async () => {
      const record = make();
      const { fence } = await running(record);
      await record.saveSlots(fence, { green: aSlot({ weight: 0 }) });
      const head = await record.saveSlots(fence, { blue: aSlot({ weight: 100, role: "active" }) });
      expect(head.slots).toEqual({ blue: aSlot({ weight: 100, role: "active" }), green: aSlot({ weight: 0 }) });
      expect((await record.operation(fence.operation_id))?.weights).toEqual({ blue: 100, green: 0 });
      expect((await record.saveSlots(fence, { green: null })).slots.green).toBeNull();
    });

    it("changes slots for the step that has begun last, and for no earlier one whose write comes late", async () => {
      const record = make();
      const { fence } = await running(record);
      const { active_operation } = await record.enterStep(fence, "Prepare", at);
      const late = { ...fence, steps: active_operation?.steps.length ?? 0 };
      await record.saveSlots(late, { green: aSlot({ weight: 0 }) });
      await record.enterStep(fence, "ProvisionSlot", at);
      await expect(record.saveSlots(late, { green: null })).rejects.toMatchObject({ name: "RecordConflict", what: "version" });
      await record.saveSlots({ ...late, steps: late.steps + 1 }, { blue: aSlot({ weight: 100 }) });
      expect((await record.head(fence.uid))?.slots).toEqual({ blue: aSlot({ weight: 100 }), green: aSlot({ weight: 0 }) });
    });

    it("pins the digests of a revision once", async () => {
      const record = make();
      const { head } = await running(record);
      await record.pinDigests(head.uid, 1, { predictor: "sha256:1" });
      await record.pinDigests(head.uid, 1, { predictor: "sha256:2" });
      await record.pinDigests(head.uid, 9, { predictor: "sha256:3" });
      expect((await record.revision(head.uid, 1))?.digests).toEqual({ predictor: "sha256:1" });
      expect(await record.revision(head.uid, 9)).toBeUndefined();
    });

    it("merges evidence over what was kept", async () => {
      const record = make();
      const { fence } = await running(record);
      expect((await record.operation(fence.operation_id))?.evidence).toBeNull();
      await record.saveEvidence(fence, { digests: { predictor: "sha256:1" } });
      await record.saveEvidence(fence, { key: "evidence/x.json", digests: { transformer: "sha256:2" } });
      expect((await record.operation(fence.operation_id))?.evidence).toEqual({
        key: "evidence/x.json",
        smoke_tests: [],
        conditions: [],
        events: [],
        logs: [],
        judgements: [],
        digests: { predictor: "sha256:1", transformer: "sha256:2" },
      });
    });

    it("is refused to an older epoch and to another operation", async () => {
      const record = make();
      const { fence, head } = await running(record);
      for (const wrong of [
        { ...fence, epoch: 0 },
        { ...fence, operation_id: ulid() },
        { ...fence, uid: ulid() },
      ]) {
        const stale = { name: "StaleEpoch" };
        await expect(record.enterStep(wrong, "Prepare", at)).rejects.toMatchObject(stale);
        await expect(record.saveSlots(wrong, { blue: aSlot() })).rejects.toMatchObject(stale);
        await expect(record.endOperation(wrong, ended(head, "SUCCEEDED"))).rejects.toMatchObject(stale);
      }
      expect(await record.head(fence.uid)).toEqual(head);
    });

    it("ends once: HEAD, operation, event and card together, and nothing after it", async () => {
      const record = make();
      const { fence } = await running(record);
      const head = await record.enterStep(fence, "Complete", at);
      const ending = ended(head, "SUCCEEDED");
      await record.saveEvidence(fence, { key: "kept" });
      expect(await record.endOperation(fence, ending)).toEqual(ending.after);
      expect(await record.endOperation(fence, ending)).toEqual(ending.after);
      const operation = await record.operation(fence.operation_id);
      expect(operation).toMatchObject({ outcome: "SUCCEEDED", ended_at: at, steps: [{ name: "Complete" }], evidence: { key: "kept" } });
      expect((await record.events(fence.uid, { limit: 10 })).items.map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
      expect((await record.cards({ groups: [head.group] }, { limit: 10 })).items[0]?.status).toBe("RUNNING");
      await expect(record.endOperation(fence, ended(head, "FAILED"))).rejects.toMatchObject({ name: "StaleEpoch" });
      await expect(record.enterStep(fence, "Late", at)).rejects.toMatchObject({ name: "StaleEpoch" });
      await expect(record.saveEvidence(fence, { key: "late" })).rejects.toMatchObject({ name: "StaleEpoch" });
    });

    it("does not end as it was decided when a step has written slots or begun since", async () => {
      const record = make();
      const { fence, head } = await running(record);
      const conflict = { name: "RecordConflict", what: "version" };
      await record.saveSlots(fence, { green: aSlot({ revision: 2 }) });
      await expect(record.endOperation(fence, ended(head, "CANCELLED"))).rejects.toMatchObject(conflict);
      const moved = (await record.head(fence.uid)) as Head;
      await record.enterStep(fence, "RetireSlot", at);
      await expect(record.endOperation(fence, ended(moved, "CANCELLED"))).rejects.toMatchObject(conflict);
      const now = (await record.head(fence.uid)) as Head;
      const after = await record.endOperation(fence, ended(now, "CANCELLED"));
      expect(after.slots.green).toEqual(aSlot({ revision: 2 }));
    });

    it("ends once although ten end it at once", async () => {
      const record = make();
      const { fence, head } = await running(record);
      const outcomes = ["SUCCEEDED", "FAILED"] as const;
      const tries = Array.from({ length: 10 }, (_, n) => record.endOperation(fence, ended(head, outcomes[n % 2] as "FAILED")));
      const settled = await Promise.allSettled(tries);
      const won = (await record.operation(fence.operation_id))?.outcome;
      settled.forEach(({ status }, n) => {
        expect(status).toBe(outcomes[n % 2] === won ? "fulfilled" : "rejected");
      });
      expect((await record.events(fence.uid, { limit: 10 })).items).toHaveLength(3);
    });
  });

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
      expect(await record.state(fence.uid)).toEqual({ head, observed: seen });
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

  describe("deletion", () => {
    it("takes the card away, keeps the history and frees the id", async () => {
      const record = make();
      const group = freshId();
      const { fence, head } = await running(record, { group }, "DELETE");
      await record.endOperation(fence, ended(head, "SUCCEEDED", { deleted_at: at }));
      expect((await record.cards({ groups: [group] }, { limit: 10 })).items).toEqual([]);
      expect(await record.uidOf(head.id)).toBe(head.uid);
      expect((await record.head(head.uid))?.deleted_at).toBe(at);
      const { after: next } = await create(record, { id: head.id, group });
      expect(await record.uidOf(head.id)).toBe(next.uid);
      expect(await record.operation(fence.operation_id)).toMatchObject({ outcome: "SUCCEEDED", uid: head.uid });
      await expect(record.commit(created({ id: head.id }))).rejects.toMatchObject({ what: "id" });
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

  describe("the registry", () => {
    const model = (group: string, name: string) => ({ group, name, description: "", latest_version: 0, created_at: at, created_by: "ada" });
    const version = (group: string, name: string) => ({
      group,
      name,
      artifact_uri: "s3://models/x",
      runtime: "onnx",
      framework: null,
      training_job: null,
      metrics: { accuracy: 0.97 },
      metadata: {},
      checksum: null,
      registered_by: "ada",
      registered_at: at,
      verified_in: [],
      approved_by: [],
      running_in: [],
      promotions: [],
      source: null,
      failure: null,
    });

    it("makes a model once", async () => {
      const record = make();
      const group = freshId();
      await record.createModel(model(group, "iris"));
      await expect(record.createModel(model(group, "iris"))).rejects.toMatchObject({ name: "RecordConflict", what: "exists" });
      expect(await record.model(group, "iris")).toEqual(model(group, "iris"));
      expect(await record.model(group, "rose")).toBeUndefined();
    });

    it("numbers versions without a gap although ten register at once", async () => {
      const record = make();
      const group = freshId();
      await record.createModel(model(group, "iris"));
      const made = await Promise.all(Array.from({ length: 10 }, () => record.registerVersion(version(group, "iris"))));
      expect(made.map((entry) => entry.version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect((await record.model(group, "iris"))?.latest_version).toBe(10);
      expect(await record.modelVersion(group, "iris", 4)).toEqual({ ...version(group, "iris"), version: 4 });
      const listed = await everything((page) => record.modelVersions(group, "iris", page), 4);
      expect(listed.map((entry) => entry.version)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });

    it("refuses a version of no model, and a second effect of one key", async () => {
      const record = make();
      const group = freshId();
      await expect(record.registerVersion(version(group, "none"))).rejects.toMatchObject({ name: "Problem", code: "not-found" });
      await record.createModel(model(group, "iris"));
      const answer = { request_hash: "h", status_code: 201, uid: null, operation_id: null, pointer: { group, name: "iris" } };
      const idempotency = { actor: "ada", key: freshId(), answer };
      await record.registerVersion(version(group, "iris"), idempotency);
      await expect(record.registerVersion(version(group, "iris"), idempotency)).rejects.toMatchObject({ what: "idempotency" });
      expect((await record.model(group, "iris"))?.latest_version).toBe(1);
      expect((await record.idempotent("ada", idempotency.key))?.pointer).toEqual({ group, name: "iris", version: 1 });
    });

    it("lists models by group and name", async () => {
      const record = make();
      const [a, b] = [`a${freshId()}`, `b${freshId()}`];
      for (const group of [b, a]) for (const name of ["rose", "iris"]) await record.createModel(model(group, name));
      const listed = await everything((page) => record.models([b, a], page), 3);
      expect(listed.map(({ group, name }) => [group, name])).toEqual(
        [a, b].flatMap((group) => [
          [group, "iris"],
          [group, "rose"],
        ]),
      );
    });

    it("knows groups by name, however often they are put", async () => {
      const record = make();
      const names = [freshId(), freshId()].sort();
      for (const name of [...names, ...names]) await record.putGroup(name, "ada", at);
      expect((await record.groups()).filter((name) => names.includes(name))).toEqual(names);
    });

    it("knows a group with the first thing that is made in it, and not by what is refused", async () => {
      const record = make();
      const [refused, ofDeployment, ofModel] = [freshId(), freshId(), freshId()];
      const { after: head } = await create(record, { id: freshId(), uid: ulid(), group: ofDeployment });
      await create(record, { id: freshId(), uid: ulid(), group: ofDeployment });
      await expect(record.commit(created({ id: head.id, uid: ulid(), group: refused }))).rejects.toMatchObject({ what: "id" });
      await record.createModel(model(ofModel, "iris"));
      await expect(record.createModel(model(ofModel, "iris"))).rejects.toMatchObject({ what: "exists" });
      const known = await record.groups();
      expect([refused, ofDeployment, ofModel].map((name) => known.includes(name))).toEqual([false, true, true]);
    });
  });
}

const transition = (n: number): Condition => ({ type: "STARTED", status: "False", reason: `R${n}`, message: "", at });

const freshId = () => `d${ulid().toLowerCase()}`;

async function create(record: RecordStore, over: Partial<Head>) {
  const decision = created(over);
  await record.commit(decision);
  return decision;
}

/** A deployment with an operation under way, and the fence of that operation. */
async function running(
  record: RecordStore,
  over: Partial<Head> = {},
  kind: "START" | "DELETE" = "START",
): Promise<{ fence: Fence; head: Head }> {
  const { after } = await create(record, { id: freshId(), group: freshId(), ...over });
  const start = begun(after, kind);
  await record.commit(start);
  return { fence: { uid: after.uid, operation_id: start.operation.id, epoch: start.after.epoch }, head: start.after };
}

async function everything<T>(read: (page: PageRequest) => Promise<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await read({ limit, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return items;
}

const reasons = (tries: PromiseSettledResult<unknown>[]) =>
  tries.flatMap((attempt) => (attempt.status === "rejected" ? [(attempt.reason as { what?: string }).what ?? attempt.reason] : []));
