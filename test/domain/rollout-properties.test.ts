import fc from "fast-check";
import { expect, test } from "vitest";
import type { SlotRecord } from "../../domain/deployment.ts";
import { bakeAt, plannedSeconds, rolloutPlan } from "../../domain/rollout-plan.ts";
import type { RolloutPolicy } from "../../domain/specification.ts";
import { otherSlot, restoreTraffic, servingSlot, shiftTraffic, weightsOf, withdrawTraffic } from "../../domain/traffic.ts";
import { slotNames } from "../../domain/words.ts";
import { aSlot, aSpecification } from "../doubles/deployments.ts";

const seconds = fc.integer({ min: 0, max: 3600 });
/** Whatever contract/ lets through. */
const policies: fc.Arbitrary<RolloutPolicy> = fc
  .record({
    strategy: fc.constantFrom("all_at_once", "canary", "linear", "recreate"),
    percent: fc.integer({ min: 1, max: 50 }),
    step_percent: fc.integer({ min: 5, max: 50 }),
    bake_seconds: seconds,
    final_bake_seconds: seconds,
    manual_promotion: fc.boolean(),
  } as const)
  .map((given) => ({ ...aSpecification().rollout, ...given }));

test("a plan's weights grow to exactly 100, and each but the last leaves something to what served", () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const weights = rolloutPlan("UPDATE", policy).steps.map(({ weight }) => weight);
      expect(weights.at(-1)).toBe(100);
      weights.forEach((weight, index) => {
        expect(weight).toBeGreaterThan(weights[index - 1] ?? 0);
      });
    }),
  );
});

test("every weight of a plan has its bake: more follow until the last, and the seconds are those that were planned", () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const plan = rolloutPlan("UPDATE", policy);
      const bakes = plan.steps.map(({ weight }) => bakeAt(plan, weight));
      expect(bakes.map((bake) => bake?.more)).toEqual(plan.steps.map((_, index) => index < plan.steps.length - 1));
      expect(bakes.reduce((sum, bake) => sum + (bake?.seconds ?? 0), 0)).toBe(plannedSeconds(policy));
      const waits = [bakeAt(plan, 0), ...bakes].filter((bake) => bake?.by_hand);
      expect(waits).toHaveLength(policy.manual_promotion ? 1 : 0);
    }),
  );
});

test("what is no update, or serves alone, gets everything in one move and waits for nobody", () => {
  const kinds = fc.constantFrom("START", "RESTART", "ROLLBACK", "UPDATE" as const);
  fc.assert(
    fc.property(kinds, policies, (kind, policy) => {
      const whole = { steps: [{ weight: 100, bake_seconds: 0 }], by_hand: false };
      expect(rolloutPlan(kind, policy, kind === "UPDATE")).toEqual(whole);
    }),
  );
});

const serving = aSlot({ role: "active", weight: 100 }) as SlotRecord;
const preview = aSlot({ revision: 2, epoch: 2 }) as SlotRecord;

test("however traffic is moved, it is all there, one slot is the active one, and the way back restores what was", () => {
  fc.assert(
    fc.property(policies, fc.nat({ max: 20 }), (policy, moves) => {
      const before = { blue: serving, green: preview };
      let slots: Parameters<typeof shiftTraffic>[0] = before;
      for (const { weight } of rolloutPlan("UPDATE", policy).steps.slice(0, moves)) {
        slots = { ...slots, ...shiftTraffic(slots, "green", weight) };
        const weights = weightsOf(slots);
        expect((weights.blue ?? 0) + (weights.green ?? 0)).toBe(100);
        expect(weights.green).toBe(weight);
        expect(slotNames.filter((slot) => slots[slot]?.role === "active")).toHaveLength(1);
        expect({ ...slots, ...shiftTraffic(slots, "green", weight) }).toEqual(slots);
      }
      const revisions = { latest: 2, wanted: 2, running: serving.revision, served: [serving.revision] };
      const back = { ...slots, ...restoreTraffic({ slots, revisions }, "green") };
      expect(weightsOf(back)).toEqual(weightsOf(before));
      expect(servingSlot(back)).toBe("blue");
    }),
  );
});

test("withdrawn, no slot has traffic, and nothing is forgotten", () => {
  fc.assert(
    fc.property(fc.constantFrom(...slotNames), fc.integer({ min: 1, max: 100 }), (slot, weight) => {
      const none: Record<"blue" | "green", SlotRecord | null> = { blue: null, green: null };
      const slots = { ...none, [slot]: serving, [otherSlot(slot)]: preview };
      const moved = { ...slots, ...shiftTraffic(slots, otherSlot(slot), weight) };
      const after = { ...moved, ...withdrawTraffic(moved) };
      expect(weightsOf(after)).toEqual({ blue: 0, green: 0 });
      expect(servingSlot(after)).toBeNull();
      expect([after.blue?.revision, after.green?.revision].sort()).toEqual([serving.revision, preview.revision].sort());
    }),
  );
});
