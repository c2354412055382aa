import { beforeEach, describe, expect, it } from "vitest";
import type { Condition } from "../../domain/condition.ts";
import type { Head } from "../../domain/deployment.ts";
import type { WorkflowError } from "../../domain/errors.ts";
import type { Observed } from "../../domain/observed.ts";
import type { Operation } from "../../domain/operation.ts";
import { awaitApproval } from "../../lambdas/promotion/await-approval.ts";
import { deployVersion } from "../../lambdas/promotion/deploy-version.ts";
import { openGate } from "../../lambdas/promotion/open-gate.ts";
import { recordPromotionFailure } from "../../lambdas/promotion/record-promotion-failure.ts";
import { recordVerification } from "../../lambdas/promotion/record-verification.ts";
import { anObservation, aSlot } from "../doubles/deployments.ts";
import { type Installation, installation } from "../doubles/installation.ts";

let system: Installation;
beforeEach(() => {
  system = installation();
});

const ports = () => ({ ...system, log: { warn: (message: string) => system.log.warn(message) } });
const card = { group: "fraud", name: "card" };
const specification = { access: "public" };

async function policy(more: object = {}) {
  const body = { automatic: "none", staging: { specification }, production: { specification }, ...more };
  const put = await system.admin("PUT /v1/models/{group}/{name}/promotion-policy", { parameters: card, body });
  expect(put.status).toBe(200);
}
/** A model with its policy, and one version. */
async function model(more: object = {}) {
  await system.member("POST /v1/models", { body: card });
  await policy(more);
  return register();
}
async function register(): Promise<number> {
  const body = { artifact_uri: "s3://artifacts/card", runtime: "onnx" };
  return (await system.member("POST /v1/models/{group}/{name}/versions", { parameters: card, body })).body.version;
}
const promote = (version: number, environment: string, more: object = {}, who = system.member) =>
  who("POST /v1/models/{group}/{name}/versions/{version}/promotions", {
    parameters: { ...card, version: String(version) },
    body: { environment, ...more },
  });
const say = (verb: string, id: string, who = system.admin, body: object = {}) =>
  who(`POST /v1/promotions/{id}/${verb}`, { parameters: { id }, body });
const now = async (id: string) => (await system.admin("GET /v1/promotions/{id}", { parameters: { id } })).body;

/** What the state machine does up to the gate: the rollout to staging ends well. */
async function toGate(version: number): Promise<string> {
  const staged = (await promote(version, "staging")).body.promotion.id;
  await deployVersion({ promotion_id: staged, stage: "staging" }, ports());
  const [stage] = (await system.promotions.promotion(staged))?.stages ?? [];
  const operation = (await system.record.operation(stage?.operation_id ?? "")) as Operation;
  const fence = { uid: operation.uid, operation_id: operation.id, epoch: operation.epoch };
  await system.record.saveSlots(fence, { blue: aSlot({ epoch: operation.epoch, revision: operation.revision ?? 1 }) });
  await system.end(operation);
  expect(await recordVerification({ promotion_id: staged }, system)).toEqual({ ended: true, more: false });
  await say("abort", staged);
  return (await promote(version, "production")).body.promotion.id;
}
const gate = (id: string) => openGate({ promotion_id: id }, system);
const failureOf = (id: string) =>
  gate(id)
    .then(() => undefined)
    .catch((error: WorkflowError) => error.reason);

describe("the approval", () => {
  it("is a token that one word ends, and is given once", async () => {
    const id = await toGate(await model());
    expect(await gate(id)).toMatchObject({ waiting_for: "approval", seconds: 3 * 86_400 });
    await awaitApproval({ promotion_id: id, task_token: "token-1" }, system);
    expect((await say("approve", id, system.admin, { comment: "fine" })).body).toMatchObject({ waiting_for: null });
    expect(system.promotionWorkflow.woken).toEqual(["token-1"]);
    expect(await gate(id)).toEqual({ waiting_for: null });
    expect(await say("approve", id)).toMatchObject({ status: 409, body: { code: "not-allowed-in-status" } });
  });

  it("that was given before the token was kept wakes the wait at once", async () => {
    const id = await toGate(await model());
    await gate(id);
    await say("approve", id);
    await awaitApproval({ promotion_id: id, task_token: "token-late" }, system);
    expect(system.promotionWorkflow.woken).toEqual(["token-late"]);
  });

  it("expires: nobody may give it any more, and the promotion fails by it", async () => {
    const id = await toGate(await model({ approval: { expires_seconds: 60 } }));
    await gate(id);
    system.clock.time += 59_999;
    expect(await gate(id)).toMatchObject({ waiting_for: "approval", seconds: 1 });
    system.clock.time += 1;
    expect(await say("approve", id)).toMatchObject({ status: 409, body: { code: "not-allowed-in-status" } });
    expect(await failureOf(id)).toBe("ApprovalExpired");
  });

  it("needs another person than who asked, unless the policy says otherwise", async () => {
    const version = await model({ approval: { least_role: "member" } });
    const id = await toGate(version);
    await gate(id);
    const refused = await say("approve", id, system.member);
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden", detail: expect.stringContaining("another person") } });
    expect((await now(id)).waiting_for).toBe("approval");
    expect((await say("approve", id, system.as(["fraud:member"], "bob"))).status).toBe(200);
  });

  it("is for who has the role and is named", async () => {
    const id = await toGate(await model({ approval: { approvers: ["carol"] } }));
    await gate(id);
    for (const who of [system.viewer, system.as(["fraud:member"], "bob"), system.as(["fraud:admin"], "dave")]) {
      expect((await say("approve", id, who)).status).toBe(403);
    }
    expect((await say("approve", id, system.as(["fraud:admin"], "carol"))).status).toBe(200);
  });

  it("that is refused ends the promotion", async () => {
    const id = await toGate(await model());
    await gate(id);
    expect((await say("reject", id, system.admin, { comment: "no" })).body).toMatchObject({
      outcome: "CANCELLED",
      cause: { reason: "Rejected", message: "rejected by root: no" },
    });
    expect(system.promotionWorkflow.executions.get(id)).toBe("ABORTED");
    await expect(gate(id)).rejects.toMatchObject({ name: "StaleEpoch" });
    expect((await system.promotions.lane("fraud", "card")).active).toBeNull();
  });

  it("is asked for where a rollback put a hold, whatever the gate of what goes by itself", async () => {
    const id = await toGate(await model({ gate: "auto" }));
    expect(await gate(id)).toEqual({ waiting_for: null });
    const promotion = system.promotions.all.get(id);
    if (!promotion) throw new Error("there is no promotion");
    await deployVersion({ promotion_id: id, stage: "production" }, ports());
    const uid = (await system.record.uidOf(promotion.policy.production.deployment_id)) ?? "";
    const before = await system.record.head(uid);
    if (!before) throw new Error("there is no production");
    const hold = { reason: "version 1 was rolled back", by: "root", at: before.created_at };
    await system.record.annotate({ before, hold: hold as typeof before.hold, events: [] });
    expect(await gate(id)).toEqual({ waiting_for: null });
    system.promotions.all.set(id, { ...(system.promotions.all.get(id) ?? promotion), automatic: true });
    expect(await gate(id)).toMatchObject({ waiting_for: "approval" });
  });
});

describe("a soak", () => {
  const soaking = { gate: "soak", soak_seconds: 3_600 };
  const inStaging = async () => (await system.record.head((await system.record.uidOf("card-staging")) ?? "")) as Head;

  /** What was seen of staging once, with so many instances ready; nothing is written while nothing changes. */
  async function seen(ready: number, before?: Observed): Promise<Observed> {
    const { uid, slots } = await inStaging();
    const { revision = 1, epoch = 1 } = slots.blue ?? {};
    const observed_at = new Date(system.clock.now()).toISOString();
    const observation = anObservation({ epoch, observed_at, version: (before?.version ?? 0) + 1 });
    const components = { predictor: { desired: 1, ready, instances: [] }, transformer: null };
    const condition = observation.condition as Condition;
    const slot = { revision, epoch, components, condition };
    const observed = { ...observation, slots: { blue: slot, green: null } };
    await system.record.saveObserved(uid, observed, before);
    return observed;
  }
  /** The cluster is watched, and all of it is as the record says. */
  const vouch = async () => {
    const at = new Date(system.clock.now()).toISOString();
    const { place } = await inStaging();
    await system.record.watches.hold(place.cluster, { holder: "watch", now: at, until: at, seen: { at, behind: [] } });
  };

  it("goes on after its time when nothing has changed since the first look", async () => {
    const id = await toGate(await model(soaking));
    await seen(1);
    expect(await gate(id)).toMatchObject({ waiting_for: "soak", seconds: 300 });
    system.clock.time += 3_600_000;
    await vouch();
    expect(await gate(id)).toEqual({ waiting_for: null });
  });

  it("waits while nobody knows how staging is, however long", async () => {
    const id = await toGate(await model(soaking));
    await seen(1);
    system.clock.time += 7_200_000;
    expect(await gate(id)).toMatchObject({ waiting_for: "soak", seconds: 30 });
  });

  it("fails when staging is not healthy any more", async () => {
    const id = await toGate(await model(soaking));
    const first = await seen(1);
    await gate(id);
    system.clock.time += 300_000;
    await seen(0, first);
    expect(await failureOf(id)).toBe("SoakFailed");
  });
});

describe("a freeze", () => {
  it("keeps the gate closed until it is over, also after an approval", async () => {
    const to = new Date(system.clock.now() + 3_600_000).toISOString();
    const id = await toGate(await model({ freeze_windows: [{ from: "2026-01-01T00:00:00Z", to, reason: "year's end" }] }));
    await gate(id);
    await say("approve", id);
    expect(await gate(id)).toEqual({ waiting_for: "freeze", until: to, seconds: 3_600 });
    expect((await now(id)).waiting_for).toBe("freeze");
    system.clock.time += 3_600_000;
    expect(await gate(id)).toEqual({ waiting_for: null });
  });
});

describe("abort", () => {
  it("ends the operation of the stage with the promotion", async () => {
    const { id } = (await promote(await model(), "staging")).body.promotion;
    const deployed = await deployVersion({ promotion_id: id, stage: "staging" }, ports());
    const operation_id = deployed.free ? deployed.rollout?.operation_id : undefined;
    await system.workflows.start("rollout", { uid: "", operation_id: operation_id ?? "", epoch: 1 } as never);
    expect((await say("abort", id, system.viewer)).status).toBe(403);
    expect((await say("abort", id, system.member)).body).toMatchObject({ outcome: "CANCELLED", cause: { reason: "Aborted" } });
    expect(system.promotionWorkflow.executions.get(id)).toBe("ABORTED");
    expect(system.workflows.of(operation_id ?? "")?.status).toBe("ABORTED");
    expect((await say("abort", id, system.member)).status).toBe(200);
  });
});

describe("production without verification", () => {
  it("is for an admin who says why, which stays on record", async () => {
    const version = await model();
    expect((await promote(version, "production", {}, system.admin)).body.code).toBe("not-verified");
    expect((await promote(version, "production", { override: "outage" })).status).toBe(403);
    expect((await promote(version, "production", { override: " " }, system.admin)).status).toBe(400);
    expect(system.promotions.all.size).toBe(0);
    const started = await promote(version, "production", { override: "outage" }, system.admin);
    expect(started.status).toBe(202);
    expect(system.promotions.all.get(started.body.promotion.id)?.override).toMatchObject({ by: "root", reason: "outage" });
  });
});

describe("a newer version", () => {
  it("ends the promotion on its way, and waits where the policy says queue", async () => {
    const first = await model();
    const one = (await promote(first, "staging")).body.promotion.id;
    const two = (await promote(await register(), "staging")).body.promotion.id;
    expect(await now(one)).toMatchObject({ outcome: "CANCELLED", cause: { reason: "Superseded" } });
    await policy({ in_flight: "queue" });
    const three = (await promote(await register(), "staging")).body.promotion.id;
    expect((await now(two)).outcome).toBeNull();
    expect(await system.promotions.lane("fraud", "card")).toMatchObject({ active: two, queued: [three] });
    expect(system.promotionWorkflow.executions.has(three)).toBe(false);
    const failure = { Error: "PromotionFailed", Cause: JSON.stringify({ reason: "SoakFailed", message: "it was not healthy" }) };
    await recordPromotionFailure({ promotion_id: two, failure: failure as never }, ports());
    expect((await system.promotions.lane("fraud", "card")).active).toBe(three);
  });

  it("waits for production that has begun, whatever the policy", async () => {
    const id = await toGate(await model({ gate: "auto" }));
    await deployVersion({ promotion_id: id, stage: "production" }, ports());
    const next = (await promote(await register(), "staging")).body.promotion.id;
    expect((await now(id)).outcome).toBeNull();
    expect((await system.promotions.lane("fraud", "card")).queued).toEqual([next]);
  });
});
