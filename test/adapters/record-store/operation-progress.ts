import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import type { Head } from "../../../domain/deployment.ts";
import { aSlot, at, ended } from "../../doubles/deployments.ts";
import { running, type Subject } from "./subject.ts";

export function keepsOperationProgress(subject: () => Subject): void {
  const make = () => subject().record;

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

    it("begins no step whose state the workflow came to before that of the step that began last", async () => {
      const record = make();
      const { fence } = await running(record);
      const [before, visit, after] = ["2026-11-21T09:00:00.000Z", "2026-11-21T09:00:01.000Z", "2026-11-21T09:00:02.000Z"];
      const entered = await record.enterStep(fence, "ProvisionSlot", at, visit);
      const stale = { name: "StaleEpoch" };
      await expect(record.enterStep(fence, "Prepare", at, before)).rejects.toMatchObject(stale);
      await expect(record.enterStep(fence, "ProvisionSlot", at, before)).rejects.toMatchObject(stale);
      expect(await record.head(fence.uid)).toEqual(entered);
      expect(await record.enterStep(fence, "ProvisionSlot", at, visit)).toEqual(entered);
      const next = await record.enterStep(fence, "AwaitReady", at, after);
      expect(next.active_operation).toMatchObject({ visit: after, steps: [{ name: "ProvisionSlot" }, { name: "AwaitReady" }] });
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
}
