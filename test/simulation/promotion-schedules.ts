import type { PromotionPolicy } from "../../domain/promotion-policy.ts";
import { Client } from "./client.ts";
import type { Character } from "./conditions.ts";
import { type Fault, planOf } from "./faults.ts";
import { production, staging } from "./model.ts";
import type { Origin } from "./path.ts";
import type { Promoter } from "./promoter.ts";
import { awaitsApproval, rollsOutToProduction } from "./promotion-scripts.ts";
import { pick, type Randomness, randomness } from "./randomness.ts";
import { conditionsOf, deterministic, type Outcome, runWorld, worldFrom } from "./run.ts";
import { characterBy, disturb, effectFaults } from "./schedules.ts";
import type { World } from "./world.ts";

/** What somebody does, and how many seconds after what they did before. */
interface Action {
  after: number;
  what: keyof typeof verbs;
}

/** Everything that happens to a model's versions, from one seed. */
export interface PromotionSchedule {
  seed: number;
  from: Origin;
  policy: Partial<PromotionPolicy>;
  characters: Record<number, Character>;
  /** Of two people who know nothing of each other. */
  actions: [Action[], Action[]];
  effects: Fault[];
  network: number[];
}

interface Actors {
  promoter: Promoter;
  client: Client;
  /** The job that is reported next. */
  next: () => number;
}

const verbs = {
  report: async ({ promoter, next }: Actors) => promoter.report(next()),
  reportTwo: async ({ promoter, next }: Actors) => {
    const [older, newer] = [next(), next()];
    promoter.report(newer);
    promoter.report(older);
  },
  approve: async ({ promoter }: Actors) => {
    await promoter.until(awaitsApproval);
    await promoter.approve();
  },
  race: ({ promoter }: Actors) => Promise.all([promoter.approve(), promoter.as("grace@example.com", "admin").approve(), promoter.reject()]),
  reject: ({ promoter }: Actors) => promoter.reject(),
  abort: ({ promoter }: Actors) => promoter.abort(),
  abortInProduction: async ({ promoter }: Actors) => {
    await promoter.until(rollsOutToProduction);
    await promoter.abort();
  },
  promoteToStaging: ({ promoter }: Actors) => promoter.promote(1, "staging"),
  promoteToProduction: ({ promoter }: Actors) => promoter.promote(2, "production"),
  override: ({ promoter }: Actors) => promoter.promote(2, "production", "it is urgent"),
  changeStaging: ({ client }: Actors, random: Randomness) => client.of(staging).update(mine(random), true),
  stopStaging: ({ client }: Actors) => client.of(staging).stop(),
  changeProduction: ({ client }: Actors, random: Randomness) => client.of(production).update(mine(random)),
  rollBack: ({ client }: Actors) => client.of(production).rollBack(),
  wait: ({ promoter }: Actors) => promoter.pause(70),
};
const wishes: Action["what"][] = [
  ...([
    "report",
    "report",
    "report",
    "reportTwo",
    "approve",
    "approve",
    "approve",
    "race",
    "reject",
    "abort",
    "abortInProduction",
  ] as const),
  ...([
    "promoteToStaging",
    "promoteToProduction",
    "override",
    "changeStaging",
    "stopStaging",
    "changeProduction",
    "rollBack",
    "wait",
  ] as const),
];

const mine = (random: Randomness) => ({ predictor: { env: [{ name: "MEMORY", value: String(random()) }] } });

const numbered = 240;

/** The same for the same seed. */
export function promotionScheduleOf(seed: number): PromotionSchedule {
  const random = randomness(seed ^ 0x2545f491);
  const rate = pick(random, [0, 0.01, 0.02, 0.06]);
  const places = (count: number, chance: number) => Array.from({ length: count }, (_, index) => index + 1).filter(() => random() < chance);
  const effects = places(numbered, rate).slice(0, 8);
  return {
    seed,
    from: pick(random, ["nothing", "promoted", "promoted"] as const),
    policy: policyBy(random),
    characters: Object.fromEntries([2, 3, 4, 5, 6, 7].map((version) => [version, characterBy(random)])),
    actions: [[{ after: 0, what: "report" }, ...actionsBy(random, 4)], random() < 0.6 ? actionsBy(random, 3) : []],
    effects: effects.map((at) => ({ at, kind: pick(random, effectFaults) })),
    network: places(numbered * 4, rate / 8).slice(0, 12),
  };
}

function policyBy(random: Randomness): Partial<PromotionPolicy> {
  return {
    gate: pick(random, ["auto", "auto", "soak", "approval"] as const),
    soak_seconds: pick(random, [0, 20]),
    approval: { least_role: "admin", approvers: [], expires_seconds: 600, four_eyes: random() < 0.5 },
    in_flight: pick(random, ["supersede", "supersede", "queue"] as const),
    staging_afterwards: pick(random, ["stop", "keep"] as const),
    automatic: pick(random, ["production", "production", "production", "staging", "none"] as const),
  };
}

const actionsBy = (random: Randomness, atMost: number): Action[] =>
  Array.from({ length: 1 + Math.floor(random() * atMost) }, () => ({
    after: pick(random, [0, 0.02, 0.5, 1.6, 3, 8, 70]),
    what: pick(random, wishes),
  }));

export function runPromotionSchedule(schedule: PromotionSchedule): Promise<Outcome> {
  const { seed, from, characters, policy } = schedule;
  return deterministic(seed, async () => {
    const world = await worldFrom(from, { ...conditionsOf({ characters, policy }), seed });
    disturb(world, schedule);
    world.bus.deliveries = deliveriesBy(randomness(seed + 3));
    const script = async (client: Client) => {
      let job = from === "nothing" ? 0 : 1;
      const next = () => ++job;
      await Promise.all([carryOut(world, schedule.actions[0], seed, next), carryOut(world, schedule.actions[1], seed + 1, next)]);
      await client.promoter.ended();
    };
    return runWorld(world, script, async () => {}, planOf(schedule.effects));
  });
}

/** Each event at least once, in any order. */
const deliveriesBy =
  (random: Randomness): World["bus"]["deliveries"] =>
  () =>
    Array.from({ length: random() < 0.2 ? 2 : 1 }, () => pick(random, [10, 30, 400, 5_000]));

async function carryOut(world: World, actions: Action[], seed: number, next: () => number): Promise<void> {
  const random = randomness(seed);
  const client = new Client(world);
  for (const { after, what } of actions) {
    await client.pause(after);
    await verbs[what]({ promoter: client.promoter, client, next }, random);
  }
}
