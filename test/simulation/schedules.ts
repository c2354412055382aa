import { WorkflowError } from "../../domain/errors.ts";
import type { KubernetesObject } from "../../domain/kubernetes.ts";
import { KubernetesError, type WatchEvent } from "../../lambdas/ports/cluster.ts";
import { NoAnswer } from "../../lambdas/runtime/aws-error.ts";
import { Client } from "./client.ts";
import type { Character } from "./conditions.ts";
import type { Target } from "./effects.ts";
import { type Fault, type FaultKind, faultKinds, planOf } from "./faults.ts";
import type { Origin } from "./path.ts";
import { pick, type Randomness, randomness } from "./randomness.ts";
import { conditionsOf, deterministic, type Outcome, runWorld, worldFrom } from "./run.ts";
import { policies, predictor, update } from "./scripts.ts";
import type { World } from "./world.ts";

/** What somebody asks for, and how many seconds after what they asked for before. */
export interface Action {
  after: number;
  what: keyof typeof verbs;
}

/** Everything that happens, from one seed. Fewer faults of each sort may be left of it: those by number. */
export interface Schedule {
  seed: number;
  from: Origin;
  lag: number;
  characters: Record<number, Character>;
  /** Of two people who know nothing of each other. */
  actions: [Action[], Action[]];
  effects: Fault[];
  network: number[];
}

const verbs = {
  update: (client: Client, random: Randomness) =>
    client.update(update(pick(random, Object.values(policies)), { description: String(random()) })),
  supersede: (client: Client, random: Randomness) => client.update({ description: String(random()), ...predictor("most") }, true),
  restart: (client: Client) => client.restart(),
  rollBack: (client: Client) => client.rollBack(),
  rollBackToFirst: (client: Client) => client.rollBack({ revision: 1 }),
  stop: (client: Client) => client.stop(),
  start: (client: Client) => client.start(),
  abort: (client: Client) => client.abort(),
  promote: (client: Client) => client.promote(),
  delete: (client: Client) => client.delete(),
  wait: (client: Client) => client.pause(30),
};
/** As often as people ask for it. */
const wishes: Action["what"][] = [
  ...(["update", "update", "update", "supersede", "supersede", "restart", "rollBack", "rollBack", "rollBackToFirst"] as const),
  ...(["stop", "start", "start", "abort", "abort", "promote", "wait"] as const),
];

/** What somebody of another group tries: it is not to be there for them. */
const meddling: Action[] = (["update", "supersede", "stop", "abort", "rollBack", "restart", "promote", "delete"] as const).map((what) => ({
  after: 0.6,
  what,
}));

/** Those that need no newer operation. */
export const effectFaults: readonly FaultKind[] = faultKinds.filter((kind) => !kind.endsWith("next epoch"));
const numbered = 160;

/** The same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const random = randomness(seed);
  const rate = pick(random, [0, 0.01, 0.03, 0.1]);
  const effects = Array.from({ length: numbered }, (_, index) => index + 1).filter(() => random() < rate);
  const network = Array.from({ length: numbered * 4 }, (_, index) => index + 1).filter(() => random() < rate / 8);
  return {
    seed,
    from: pick(random, ["nothing", "serving", "serving", "warm"] as const),
    lag: pick(random, [0, 0, 400, 1_500]),
    characters: Object.fromEntries([2, 3, 4, 5, 6].map((revision) => [revision, characterBy(random)])),
    actions: [actionsBy(random, 3), random() < 0.5 ? actionsBy(random, 3) : []],
    effects: effects.slice(0, 8).map((at) => ({ at, kind: pick(random, effectFaults) })),
    network: network.slice(0, 12),
  };
}

export function characterBy(random: Randomness): Character {
  if (random() < 0.6) return {};
  return pick(random, [
    { fate: "image cannot be pulled" },
    { fate: "crashes" },
    { fate: "never scheduled" },
    { failsSmokeTests: true },
    { failsUnderLoad: true },
  ] as const);
}

function actionsBy(random: Randomness, atMost: number): Action[] {
  const count = 1 + Math.floor(random() * atMost);
  const actions = Array.from({ length: count }, () => ({ after: pick(random, [0, 0.02, 0.5, 1.6, 3, 8, 70]), what: pick(random, wishes) }));
  return random() < 0.05 ? [...actions, { after: 1, what: "delete" }] : actions;
}

export function runSchedule(schedule: Schedule): Promise<Outcome> {
  const { seed, from, lag, characters } = schedule;
  return deterministic(seed, async () => {
    const world = await worldFrom(from, { ...conditionsOf({ lag, characters }), seed });
    disturb(world, schedule);
    const script = async (client: Client) => {
      if (from === "nothing") void client.create({}, policies.warm);
      const other = new Client(world, "grace@example.com");
      const stranger = carryOut(seed % 4 === 0 ? meddling : [], new Client(world, "mallory@example.com", "risk"), seed + 2);
      await Promise.all([carryOut(schedule.actions[0], client, seed), carryOut(schedule.actions[1], other, seed + 1), stranger]);
      await client.ended();
    };
    return runWorld(world, script, async () => {}, planOf(schedule.effects));
  });
}

async function carryOut(actions: Action[], client: Client, seed: number): Promise<void> {
  const random = randomness(seed);
  for (const { after, what } of actions) {
    await client.pause(after);
    await verbs[what](client, random);
  }
}

/** Chance that belongs to the seed alone: what is left out of a schedule must not change the rest of it. */
export function disturb(world: World, { seed, network }: Pick<Schedule, "seed" | "network">): void {
  const random = randomness(seed ^ 0x5bd1e995);
  const failing = new Set(network);
  let calls = 0;
  world.network = async (_executor, target) => {
    calls += 1;
    await world.time.sleep(1 + Math.floor(random() * 20));
    if (failing.has(calls)) await fail(world, target, random);
  };
  const skews = new Map<string, number>();
  world.skewOf = (name) => {
    const skew = skews.get(name) ?? Math.round((random() - 0.5) * 4_000);
    skews.set(name, skew);
    return skew;
  };
  const isSound = network.length === 0;
  world.hasTwin = () => !isSound && random() < 0.02;
  world.cluster.delivering = isSound ? () => (event) => [event] : () => unreliable(random);
}

/** A call that has no effect: throttled until it was let through late, refused, or not answered. */
async function fail(world: World, target: Target, random: Randomness): Promise<void> {
  const how = random();
  if (how < 0.3) return world.time.sleep(3_000);
  if (target !== "cluster") throw new NoAnswer("the request was not answered in time", false);
  if (how < 0.5) throw new KubernetesError(401, "Unauthorized", "Unauthorized");
  throw new WorkflowError("ClusterUnavailable", "NoAnswer", "the cluster's API server did not answer");
}

/** Events of different objects come in any order, some twice, and some not at all. */
function unreliable(random: Randomness) {
  let held: WatchEvent<KubernetesObject>[] = [];
  return (event: WatchEvent<KubernetesObject>): WatchEvent<KubernetesObject>[] => {
    const chance = random();
    if (chance < 0.01) return [];
    if (chance < 0.04) return [event, event];
    const isAnother = held.every(({ object }) => object.metadata.uid !== event.object.metadata.uid);
    if (chance < 0.08 && held.length === 0) {
      held = [event];
      return [];
    }
    const before = held;
    held = [];
    return isAnother ? [event, ...before] : [...before, event];
  };
}
