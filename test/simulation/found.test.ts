import { expect, it } from "vitest";
import { told } from "./grid.ts";
import { runSchedule, type Schedule } from "./schedules.ts";

/** What random schedules have found, at their shortest. Each violated an invariant until the product was mended. */
const found: { mended: string; schedule: Schedule }[] = [
  {
    mended: "an abort decided upon slots that a step wrote in the same moment brought back what that step was removing",
    schedule: {
      seed: 4006,
      from: "warm",
      lag: 0,
      characters: {},
      actions: [
        [
          { after: 0.02, what: "update" },
          { after: 0.02, what: "rollBackToFirst" },
        ],
        [
          { after: 1.6, what: "start" },
          { after: 0.5, what: "rollBackToFirst" },
        ],
      ],
      effects: [],
      network: [],
    },
  },
  {
    mended: "the clean-up of an aborted operation, a moment late, removed what a newer operation had made",
    schedule: {
      seed: 3051,
      from: "nothing",
      lag: 0,
      characters: {},
      actions: [
        [
          { after: 1.6, what: "abort" },
          { after: 0.02, what: "update" },
        ],
        [],
      ],
      effects: [
        { at: 9, kind: "run twice" },
        { at: 37, kind: "crash before" },
      ],
      network: [2, 67, 101],
    },
  },
  {
    mended: "a second executor of a move that had failed pointed the route, beside the clean-up, at what was being removed",
    schedule: {
      seed: 4689,
      from: "nothing",
      lag: 0,
      characters: {},
      actions: [
        [
          { after: 0.5, what: "promote" },
          { after: 0, what: "promote" },
          { after: 0.5, what: "update" },
        ],
        [{ after: 0.5, what: "rollBackToFirst" }],
      ],
      effects: [
        { at: 12, kind: "stalled" },
        { at: 24, kind: "late" },
      ],
      network: [47, 57],
    },
  },
  {
    mended: "a second executor that came to the first step when its successors had run removed what they had made",
    schedule: {
      seed: 3255,
      from: "warm",
      lag: 0,
      characters: {},
      actions: [[{ after: 8, what: "restart" }], []],
      effects: [
        { at: 4, kind: "run beside" },
        { at: 12, kind: "run twice" },
        { at: 26, kind: "run beside" },
      ],
      network: [27, 101],
    },
  },
  {
    mended: "traffic counted as given back at once, because another executor had written the route a moment ago",
    schedule: {
      seed: 7,
      from: "warm",
      lag: 400,
      characters: { 3: { fate: "crashes" } },
      actions: [
        [
          { after: 3, what: "rollBack" },
          { after: 0.5, what: "supersede" },
        ],
        [],
      ],
      effects: [{ at: 31, kind: "reply lost" }],
      network: [],
    },
  },
  {
    mended: "a move that had failed took the traffic from what was removed a moment later, while a gateway that lags still sent to it",
    schedule: {
      seed: 19765,
      from: "nothing",
      lag: 1_500,
      characters: {},
      actions: [
        [
          { after: 1.6, what: "rollBackToFirst" },
          { after: 0.02, what: "supersede" },
        ],
        [],
      ],
      effects: [],
      network: [150],
    },
  },
  {
    mended: "an operation that failed at once removed what the one aborted for it had just moved the traffic from",
    schedule: {
      seed: 30986,
      from: "serving",
      lag: 1500,
      characters: {},
      actions: [
        [],
        [
          { after: 0.02, what: "update" },
          { after: 3, what: "rollBackToFirst" },
        ],
      ],
      effects: [
        { at: 12, kind: "run twice" },
        { at: 36, kind: "late" },
      ],
      network: [78],
    },
  },
];

it.each(found)("no more: $mended", async ({ schedule }) => {
  const outcome = await runSchedule(schedule);
  expect(outcome.violations, told({ path: `seed ${schedule.seed}`, faults: schedule.effects, outcome })).toEqual([]);
});
