import { describe, expect, test } from "vitest";
import type { Head } from "../../domain/deployment.ts";
import {
  formerSlot,
  restoreTraffic,
  servingSlot,
  shiftTraffic,
  slotsInTheWay,
  slotToFill,
  weightsOf,
  withdrawTraffic,
} from "../../domain/traffic.ts";
import { aSlot } from "../doubles/deployments.ts";

const active = aSlot({ role: "active", weight: 100 });
const preview = aSlot({ revision: 2, epoch: 2 });
const warm = aSlot({ role: "warm" });
const slots = (blue: Head["slots"]["blue"], green: Head["slots"]["green"]): Head["slots"] => ({ blue, green });

test.each([
  ["both free", slots(null, null), "blue"],
  ["blue serves", slots(active, null), "green"],
  ["green serves", slots(null, active), "blue"],
  ["blue was left behind", slots(preview, null), "green"],
  ["green was left behind", slots(null, preview), "blue"],
  ["green serves and blue was left behind", slots(preview, active), "blue"],
  ["blue serves and green was left behind", slots(active, preview), "green"],
  ["two were left behind", slots(warm, preview), "blue"],
] as const)("the next revision goes, when %s, to the slot without traffic", (_, filled, expected) => {
  expect(slotToFill(filled)).toBe(expected);
});

describe("traffic", () => {
  test("moves whole; what had it stays warm", () => {
    expect(shiftTraffic(slots(active, preview), "green")).toEqual({
      green: { ...preview, role: "active", weight: 100 },
      blue: { ...active, role: "warm", weight: 0 },
    });
  });

  test("leaves what never had any as it was", () => {
    expect(shiftTraffic(slots(active, preview), "blue")).toEqual({ blue: active, green: preview });
  });

  test("moves once: a second time changes nothing", () => {
    const after = { ...slots(active, preview), ...shiftTraffic(slots(active, preview), "green") };
    expect(shiftTraffic(after, "green")).toEqual(after);
  });

  test("to the only slot leaves the other untouched", () => {
    expect(shiftTraffic(slots(preview, null), "blue")).toEqual({ blue: { ...preview, role: "active", weight: 100 } });
  });

  test("cannot move to an empty slot", () => {
    expect(() => shiftTraffic(slots(active, null), "green")).toThrow(/slot green: it is empty/);
  });

  test("is withdrawn from what has it, and from nothing else", () => {
    expect(withdrawTraffic(slots(active, preview))).toEqual({ blue: { ...active, role: "warm", weight: 0 } });
    expect(withdrawTraffic(slots(warm, preview))).toEqual({});
  });
});

describe("what served before the operation", () => {
  const revisions = { latest: 2, wanted: 2, running: 1, served: [1] };
  const moved = slots({ ...active, role: "warm", weight: 0 }, { ...preview, role: "active", weight: 100 });

  test("has the traffic again, and what the operation brought up has none", () => {
    expect(restoreTraffic({ slots: moved, revisions }, "green")).toEqual({
      blue: active,
      green: { ...preview, role: "preview", weight: 0 },
    });
  });

  test("leaves it where it is when it is gone itself", () => {
    expect(restoreTraffic({ slots: { ...moved, blue: null }, revisions }, "green")).toEqual({});
  });

  test("is not the other slot of the same revision that an aborted restart left", () => {
    const beside = { slots: slots(active, aSlot({ epoch: 2 })), revisions };
    expect(formerSlot(beside, "blue")).toBeNull();
    expect(formerSlot(beside, "green")).toBe("blue");
  });

  test("was nothing: what was started has none", () => {
    const started = { slots: slots(active, null), revisions: { ...revisions, running: null } };
    expect(restoreTraffic(started, "blue")).toEqual({ blue: { ...active, role: "preview", weight: 0 } });
  });
});

test("a slot serves only with the role and the weight", () => {
  expect(servingSlot(slots(aSlot({ role: "active", weight: 0 }), preview))).toBeNull();
  expect(servingSlot(slots(preview, active))).toBe("green");
  expect(weightsOf(slots(active, preview))).toEqual({ blue: 100, green: 0 });
});

test("what a revision has in its way is every other slot that is filled", () => {
  expect(slotsInTheWay(slots(active, preview), "green")).toEqual(["blue"]);
  expect(slotsInTheWay(slots(null, preview), "green")).toEqual([]);
});
