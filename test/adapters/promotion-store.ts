import { ulid } from "ulid";
import { expect, it } from "vitest";
import type { ModelVersion } from "../../domain/model.ts";
import { changed, emptyLane, type Lane, type Promotion, type PromotionChange } from "../../domain/promotion.ts";
import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import type { PromotionStore } from "../../lambdas/ports/promotions.ts";
import type { RecordStore, Registry } from "../../lambdas/ports/record.ts";
import { created } from "../doubles/deployments.ts";
import { versionOf } from "../doubles/model-versions.ts";
import { allPages } from "./trigger-store.ts";

export interface Subject {
  promotions: PromotionStore;
  registry: Registry & Pick<RecordStore, "idempotent" | "commit" | "head">;
}

/** What every PromotionStore keeps: run on the double that other tests trust, and on DynamoDB. */
export function promotionStoreSuite(make: () => Subject): void {
  it("begins a promotion with its lane, and finds it by its id", async () => {
    const { promotions } = make();
    const change = beginning(await aModel(make()));
    const { after } = change;
    await promotions.change(change);
    expect(await promotions.promotion(after.id)).toEqual(after);
    expect(await promotions.promotion(after.id, after.model.group)).toEqual(after);
    expect(await promotions.promotion(ulid())).toBeUndefined();
    expect(await promotions.promotion(ulid(), after.model.group)).toBeUndefined();
    expect(await promotions.lane(after.model.group, after.model.name)).toEqual(change.lane?.after);
    expect(await promotions.lane(after.model.group, "another")).toEqual(emptyLane);
    expect(await promotions.underWay()).toContain(after.id);
  });

  it("lets one of twenty begin in an empty lane", async () => {
    const { promotions } = make();
    const version = await aModel(make());
    const changes = Array.from({ length: 20 }, () => beginning(version));
    const tries = await Promise.allSettled(changes.map((change) => promotions.change(change)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { items } = await promotions.promotions({ groups: [version.group] }, { limit: 100 });
    expect(items).toHaveLength(1);
    expect((await promotions.lane(version.group, version.name)).active).toBe(items[0]?.id);
    for (const one of tries) if (one.status === "rejected") expect(one.reason).toMatchObject({ name: "RecordConflict", what: "version" });
  });

  it("lets one of twenty changes of the same revision through", async () => {
    const { promotions } = make();
    const { after: before } = await begun(make());
    const change = (n: number) =>
      changed(before, { waiting_until: String(n) }, { at, actor: "ada", events: [{ type: "Promotion Verified" }] });
    const tries = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => promotions.change(change(n))));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await promotions.promotion(before.id))?.revision).toBe(before.revision + 1);
  });

  it("is under way until it has an outcome, and is found ever after", async () => {
    const { promotions } = make();
    const { after: before } = await begun(make());
    const ended = changed(before, { outcome: "SUCCEEDED", ended_at: at }, { at, actor: "ada" });
    await promotions.change(ended);
    expect(await promotions.underWay()).not.toContain(before.id);
    expect(await promotions.promotion(before.id)).toEqual(ended.after);
  });

  it("becomes what is done for it together with that, as long as it has not moved", async () => {
    const { promotions, registry } = make();
    const { after: before } = await begun(make());
    const decision = (promotion: PromotionChange) => ({ ...created({ id: `d-${ulid().toLowerCase()}` }), promotion });
    const first = decision(changed(before, { waiting_until: "first" }, { at, actor: "ada", events: [{ type: "Promotion Verified" }] }));
    await registry.commit(first);
    expect(await registry.head(first.after.uid)).toMatchObject({ id: first.after.id });
    expect(await promotions.promotion(before.id)).toEqual(first.promotion.after);
    const late = decision(changed(before, { waiting_until: "late" }, { at, actor: "ada" }));
    await expect(registry.commit(late)).rejects.toMatchObject({ name: "RecordConflict", what: "promotion" });
    expect(await registry.head(late.after.uid)).toBeUndefined();
    expect(await promotions.promotion(before.id)).toEqual(first.promotion.after);
  });

  it("stays as it is when what is to be done for it is refused", async () => {
    const { promotions, registry } = make();
    const { after: before } = await begun(make());
    const taken = created({ id: `d-${ulid().toLowerCase()}` });
    await registry.commit(taken);
    const promotion = changed(before, { waiting_until: "then" }, { at, actor: "ada" });
    await expect(registry.commit({ ...created({ id: taken.after.id }), promotion })).rejects.toMatchObject({ what: "id" });
    expect(await promotions.promotion(before.id)).toEqual(before);
  });

  it("annotates the version in the same transaction, and nothing when one condition fails", async () => {
    const subject = make();
    const { promotions, registry } = subject;
    const { after: before } = await begun(subject);
    const { group, name, version } = before.model;
    const verified = { ...changed(before, {}, { at, actor: "ada" }), version: { verified_in: ["staging"] } };
    await promotions.change(verified);
    const late = { ...changed(before, {}, { at, actor: "eve" }), version: { verified_in: [], approved_by: ["eve"] } };
    await expect(promotions.change(late)).rejects.toMatchObject({ what: "version" });
    expect(await registry.modelVersion(group, name, version)).toMatchObject({ verified_in: ["staging"], approved_by: [] });
  });

  it("refuses to annotate a version that is not there, and changes nothing", async () => {
    const { promotions } = make();
    const { after: before } = await begun(make(), 7);
    const change = { ...changed(before, {}, { at, actor: "ada" }), version: { verified_in: ["staging"] } };
    await expect(promotions.change(change)).rejects.toThrow(/version 7 of .* is not in the record/);
    expect(await promotions.promotion(before.id)).toEqual(before);
  });

  it("stores who gives way in the same transaction, or neither", async () => {
    const { promotions } = make();
    const first = await begun(make());
    const gives_way = changed(first.after, { outcome: "CANCELLED", ended_at: at }, { at, actor: "slipway" });
    const next = beginning({ ...first.after.model }, first.lane?.after);
    const stale = { ...gives_way, before: { ...first.after, revision: 9 } };
    await expect(promotions.change({ ...next, gives_way: stale })).rejects.toMatchObject({ what: "version" });
    expect(await promotions.promotion(next.after.id)).toBeUndefined();
    await promotions.change({ ...next, gives_way });
    expect((await promotions.promotion(first.after.id))?.outcome).toBe("CANCELLED");
    const underWay = await promotions.underWay();
    expect([underWay.includes(first.after.id), underWay.includes(next.after.id)]).toEqual([false, true]);
  });

  it("tells a repeated request so before anything else", async () => {
    const { promotions, registry } = make();
    const { group, name } = await aModel(make());
    const idempotency = aKey();
    const first = beginning({ group, name, version: 1 });
    await promotions.change(first, idempotency);
    await expect(promotions.change(first, idempotency)).rejects.toMatchObject({ what: "idempotency" });
    expect(await registry.idempotent(idempotency.actor, "once")).toEqual(idempotency.answer);
  });

  it("spends no key on a change that is refused", async () => {
    const { promotions, registry } = make();
    const first = await begun(make());
    const idempotency = aKey();
    await expect(promotions.change(first, idempotency)).rejects.toMatchObject({ what: "version" });
    expect(await registry.idempotent(idempotency.actor, "once")).toBeUndefined();
  });

  it("lists one group after the other, newest first, and of one model when asked", async () => {
    const { promotions } = make();
    const groups = [`b${ulid()}`, `a${ulid()}`];
    const ids = Array.from({ length: 6 }, (_, n) => ulid(1_800_000_000_000 + n));
    for (const [n, id] of ids.entries()) {
      await promotions.change(beginning({ group: groups[n % 2] as string, name: `m${n}`, version: 1 }, emptyLane, id));
    }
    for (const limit of [1, 2, 4, 100]) {
      const listed = await allPages((page) => promotions.promotions({ groups }, page), limit);
      expect(listed.map(({ id }) => id)).toEqual([ids[5], ids[3], ids[1], ids[4], ids[2], ids[0]]);
    }
    expect((await allPages((page) => promotions.promotions({ groups, model: "m2" }, page), 2)).map(({ id }) => id)).toEqual([ids[2]]);
  });

  it("keeps the newest policy of a model", async () => {
    const { promotions } = make();
    const group = ulid();
    expect(await promotions.policy(group, "card")).toBeUndefined();
    for (const updated_by of ["ada", "bob"]) await promotions.putPolicy(group, "card", { ...policy, updated_at: at, updated_by });
    expect(await promotions.policy(group, "card")).toEqual({ ...policy, updated_at: at, updated_by: "bob" });
  });
}

const at = "2026-11-21T09:12:03.120Z";
const policy: PromotionPolicy = {
  automatic: "none",
  staging: { deployment_id: "card-staging", specification: {} },
  production: { deployment_id: "card", specification: {} },
  smoke_tests: null,
  gate: "approval",
  soak_seconds: 0,
  approval: { least_role: "admin", approvers: [], expires_seconds: 60, four_eyes: true },
  freeze_windows: [],
  in_flight: "supersede",
  staging_afterwards: "stop",
};

const aPromotion = (model: Promotion["model"], id: string): Promotion => ({
  ...{ id, model, environment: "production", stages: [], waiting_for: null, waiting_until: null, outcome: null, cause: null },
  ...{ requested_by: "ada", automatic: false, approval: null, override: null, policy, created_at: at, ended_at: null },
  ...{ deadline: at, supersedes: null, revision: 1, event_sequence: 1, task_token: null },
});

const aKey = () => ({
  actor: ulid(),
  key: "once",
  answer: { request_hash: "h", status_code: 202, uid: null, operation_id: null, pointer: { promotion_id: ulid() } },
});

function beginning({ group, name, version }: Promotion["model"], lane: Lane = emptyLane, id = ulid()): PromotionChange {
  return {
    before: undefined,
    after: aPromotion({ group, name, version }, id),
    lane: { before: lane, after: { ...lane, active: id, revision: lane.revision + 1 } },
    events: [{ sequence: 1, at, actor: "ada", type: "Promotion Started", detail: {} }],
  };
}

async function begun(subject: Subject, version?: number): Promise<PromotionChange> {
  const model = await aModel(subject);
  const change = beginning({ ...model, version: version ?? model.version });
  await subject.promotions.change(change);
  return change;
}

/** A model of a group of its own, with one version. */
async function aModel({ registry }: Subject): Promise<ModelVersion> {
  const of = { group: ulid(), name: "card" };
  await registry.createModel({ ...of, description: "", latest_version: 0, created_at: at, created_by: "ada" });
  return registry.registerVersion(versionOf(of.group, of.name));
}
