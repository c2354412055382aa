import { describe, expect, it } from "vitest";
import type { PromotionStore } from "../../lambdas/ports/promotions.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import type { MemoryPromotions } from "../doubles/memory-promotions.ts";
import type { Executor } from "./executor.ts";
import { type Guard, seenWithout } from "./guard.ts";
import { lying } from "./lying.ts";

/** What begins for a promotion begins whatever has become of it. */
const unasked = (record: RecordStore): RecordStore =>
  lying(record, { commit: ({ promotion: _moved, ...change }) => record.commit(change) });

/** Every version is taken for verified. */
const trusting = (record: RecordStore, { name }: Executor): RecordStore =>
  name !== "ResolveVersion"
    ? record
    : lying(record, {
        modelVersion: async (...of) => {
          const found = await record.modelVersion(...of);
          return found && { ...found, verified_in: ["staging"] };
        },
      });

/** Nobody knows what was sent on its way before. */
const forgetful = (promotions: PromotionStore): PromotionStore =>
  lying(promotions, {
    lane: async (...of) => ({ ...(await promotions.lane(...of)), newest: null }),
    change: (change) => promotions.change(change),
  });

/** Whatever somebody has decided upon is taken for what there is. */
const unconditional = (promotions: PromotionStore): PromotionStore =>
  lying(promotions, {
    change: (change, ...rest) => {
      const before = (promotions as MemoryPromotions).all.get(change.after.id);
      return promotions.change({ ...change, before }, ...rest);
    },
  });

/** Who reports a newer version does not see that production has begun. */
const blind = (promotions: PromotionStore, { name }: Executor): PromotionStore =>
  name !== "ReceiveEvent"
    ? promotions
    : lying(promotions, {
        promotion: async (id) => {
          const found = await promotions.promotion(id);
          return found && { ...found, stages: found.stages.filter(({ name: stage }) => stage !== "production") };
        },
      });

const openGate = (promotions: PromotionStore, { name }: Executor): PromotionStore =>
  name !== "OpenGate"
    ? promotions
    : lying(promotions, {
        promotion: async (id) => {
          const found = await promotions.promotion(id);
          return found && { ...found, policy: { ...found.policy, gate: "auto" } };
        },
      });

const unhealed = (promotions: PromotionStore, { name }: Executor): PromotionStore =>
  name === "Sync" ? lying(promotions, { underWay: async () => [] }) : promotions;

const guards: Guard[] = [
  {
    guard: "the promotion in the transaction that begins its operation",
    lies: { record: unasked },
    path: "PROMOTION through an approval",
    invariant: "nothing begins for a promotion that has ended",
    faults: (kind) => kind === "stalled into the next epoch",
  },
  {
    guard: "the look at whether the version is verified",
    lies: { record: trusting },
    path: "PROMOTION through an approval",
    invariant: "production runs what is verified",
    faults: () => false,
  },
  {
    guard: "the key of a version's own promotion and the lane's newest",
    lies: { promotions: forgetful },
    path: "PROMOTION to production by itself",
    invariant: "nothing is promoted twice",
    faults: (kind) => kind === "run twice",
  },
  {
    guard: "the lane's newest",
    lies: { promotions: forgetful },
    path: "PROMOTIONS of versions that are told of in the wrong order",
    invariant: "the newer version wins",
    faults: () => false,
  },
  {
    guard: "the condition of a promotion's change",
    lies: { promotions: unconditional },
    path: "PROMOTION that several want to approve at once",
    invariant: "an approval is used once",
    faults: () => false,
  },
  {
    guard: "the look at whether production has begun",
    lies: { promotions: blind },
    path: "PROMOTION that a newer version waits for",
    invariant: "production under way is not interrupted",
    faults: () => false,
  },
  {
    guard: "the gate",
    lies: { promotions: openGate },
    path: "PROMOTION through an approval",
    invariant: "nothing passes a closed gate",
    faults: () => false,
  },
  {
    guard: "Sync's look at promotions under way",
    lies: { promotions: unhealed },
    path: "PROMOTION to production by itself",
    invariant: "it comes to rest",
    faults: (kind) => kind === "crash before",
  },
];

describe.each(guards)("without $guard", (given) => {
  it(`${given.path} violates: ${given.invariant}`, async () => {
    expect(await seenWithout(given)).toContain(given.invariant);
  });
});
