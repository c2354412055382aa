import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import { production, staging } from "./model.ts";
import type { Path } from "./path.ts";
import {
  abort,
  abortPromotion,
  approve,
  awaitsApproval,
  byHandTo,
  reported,
  reportedAnd,
  rollsOutToProduction,
  rollsOutToStaging,
  when,
} from "./promotion-scripts.ts";

/** What is asked for meanwhile where nothing else is said. */
const newer = reported(3);
type Policy = Partial<PromotionPolicy>;
/** Somebody approves within the hour, or nobody does. */
const approval: Policy = { approval: { least_role: "admin", approvers: [], expires_seconds: 3_600, four_eyes: true } };
/** A hold asks for an approval all the same. */
const auto: Policy = { gate: "auto", ...approval };
const byHand: Policy = { automatic: "none", ...approval };
const manual = { predictor: { env: [{ name: "MEMORY", value: "mine" }] } };

export const promotionPaths: Path[] = [
  { name: "PROMOTION to production by itself", from: "nothing", script: reported(1), interruption: reported(2), policy: auto },
  {
    name: "PROMOTION through an approval",
    from: "promoted",
    script: reportedAnd([2], when(awaitsApproval, approve)),
    interruption: newer,
    policy: approval,
  },
  {
    name: "PROMOTION that is aborted at its gate",
    from: "promoted",
    script: reportedAnd([2], when(awaitsApproval, abort)),
    interruption: newer,
    policy: approval,
  },
  {
    name: "PROMOTION that is refused",
    from: "promoted",
    script: reportedAnd(
      [2],
      when(awaitsApproval, (promoter) => promoter.reject()),
    ),
    interruption: newer,
    policy: approval,
  },
  {
    name: "PROMOTION that nobody approves",
    from: "promoted",
    script: reported(2),
    interruption: abortPromotion,
    policy: { approval: { least_role: "admin", approvers: [], expires_seconds: 60, four_eyes: true } },
  },
  {
    name: "PROMOTION that soaks, is approved and waits for a freeze to be over",
    from: "promoted",
    script: reportedAnd([2], when(awaitsApproval, approve)),
    interruption: abortPromotion,
    policy: {
      soak_seconds: 40,
      freeze_windows: [{ from: "2026-11-21T09:00:00.000Z", to: "2026-11-21T09:30:00.000Z", reason: "a holiday" }],
      staging_afterwards: "keep",
    },
  },
  {
    name: "PROMOTION of what fails its smoke tests",
    from: "promoted",
    script: reported(2),
    interruption: newer,
    characters: { 2: { failsSmokeTests: true } },
    policy: auto,
  },
  {
    name: "PROMOTION of what errs in production",
    from: "promoted",
    script: reported(2),
    interruption: newer,
    characters: { 2: { failsUnderLoad: true } },
    policy: auto,
  },
  {
    name: "PROMOTION while staging is busy with something else",
    from: "promoted",
    script: async (client) => {
      await client.of(staging).start();
      await reported(2)(client);
    },
    interruption: abortPromotion,
    policy: auto,
  },
  {
    name: "PROMOTION while production is busy with something else",
    from: "promoted",
    script: reportedAnd(
      [2],
      when(rollsOutToStaging, async (_promoter, client) => client.of(production).update(manual)),
    ),
    interruption: abortPromotion,
    policy: auto,
  },
  {
    name: "PROMOTION whose staging somebody else takes",
    from: "promoted",
    script: reportedAnd(
      [2],
      when(rollsOutToStaging, async (_promoter, client) => client.of(staging).update(manual, true)),
    ),
    interruption: newer,
    policy: auto,
  },
  {
    name: "PROMOTION by hand, to staging and then to production",
    from: "promoted",
    script: byHandTo(2, (promoter) => promoter.as("grace@example.com", "admin").approve()),
    interruption: abortPromotion,
    policy: byHand,
  },
  {
    name: "PROMOTION of what is not verified, because an admin says why",
    from: "promoted",
    script: async (client) => {
      const { promoter } = client;
      await reported(2)(client);
      await promoter.promote(2, "production");
      await promoter.promote(2, "production", "it is urgent");
      await promoter.ended();
    },
    interruption: abortPromotion,
    policy: { ...auto, ...byHand },
  },
  {
    name: "PROMOTION of what serves there already",
    from: "promoted",
    script: async ({ promoter }) => {
      for (const stage of ["staging", "staging", "production"] as const) {
        await promoter.promote(1, stage);
        await promoter.ended();
      }
    },
    interruption: abortPromotion,
    policy: { ...auto, ...byHand, staging_afterwards: "keep" },
  },
  {
    name: "PROMOTION that is aborted while it goes to staging",
    from: "promoted",
    script: reportedAnd([2], when(rollsOutToStaging, abort)),
    interruption: newer,
    policy: auto,
  },
  {
    name: "PROMOTION that is aborted while it goes to production",
    from: "promoted",
    script: reportedAnd([2], when(rollsOutToProduction, abort)),
    interruption: newer,
    policy: auto,
  },
  {
    name: "PROMOTION that gives way to a newer version",
    from: "promoted",
    script: reportedAnd(
      [2],
      when(rollsOutToStaging, (promoter) => promoter.report(3)),
    ),
    interruption: reported(4),
    policy: auto,
  },
  {
    name: "PROMOTION that a newer version waits for",
    from: "promoted",
    script: reportedAnd(
      [2],
      when(rollsOutToProduction, (promoter) => promoter.report(3)),
    ),
    interruption: reported(4),
    policy: auto,
  },
  {
    name: "PROMOTIONS in a queue",
    from: "promoted",
    script: reported(2, 3),
    interruption: reported(4),
    policy: { ...auto, in_flight: "queue", staging_afterwards: "keep" },
  },
  {
    name: "PROMOTIONS of versions that are told of in the wrong order",
    from: "promoted",
    script: reported(3, 2, 3),
    interruption: reported(4),
    policy: auto,
  },
  {
    name: "PROMOTION that several want to approve at once",
    from: "promoted",
    script: byHandTo(2, (promoter) => {
      const others = [
        promoter.as("grace@example.com", "admin"),
        promoter.as("linus@example.com", "admin"),
        promoter.as("eve@example.com", "member"),
      ];
      return Promise.all([promoter, ...others].map((one) => one.approve()));
    }),
    interruption: abortPromotion,
    policy: byHand,
  },
];
