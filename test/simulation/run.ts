import { Client, canary } from "./client.ts";
import { type Conditions, usualPace } from "./conditions.ts";
import { copy } from "./copy.ts";
import type { Traced } from "./effects.ts";
import { type Fault, type FaultPlan, planOf } from "./faults.ts";
import type { Way } from "./footsteps.ts";
import type { Violation } from "./invariants.ts";
import type { Lies } from "./lying.ts";
import { origins } from "./origins.ts";
import type { Origin, Path, Script } from "./path.ts";
import { World } from "./world.ts";

export interface Outcome {
  violations: Violation[];
  /** Side effects that were numbered. */
  effects: number;
  /** The first of them that the path has for itself: before, it is the path that it was made from. */
  first: number;
  trace: Traced[];
  /** Outcomes of all operations, in order. */
  outcomes: string[];
  log: string[];
  ways: ReadonlySet<Way>;
}

const seed = 7;
/** Virtual. Longer than any schedule may need: what has not come to rest by then never will. */
const longestMilliseconds = 4 * 60 * 60 * 1000;
const quietRounds = 2;

type Given = Partial<Pick<Path, "characters" | "lag" | "pace" | "stumble" | "policy">>;
export const conditionsOf = ({ characters = {}, lag = 0, pace, stumble, policy }: Given): Conditions => ({
  ...{ seed, characters, lag, stumble, policy },
  settleSeconds: lag / 1000,
  pace: { ...usualPace, ...pace },
});

/** Runs a path; the plan says what befalls its side effects, of which those before the path's own are not numbered. */
export async function runPath(path: Path, faults: readonly Fault[], lies: Lies = {}): Promise<Outcome> {
  return deterministic(seed, async () => {
    const world = await worldFrom(path.from, conditionsOf(path));
    world.lies = lies;
    return runWorld(world, path.script, path.interruption, planOf(faults));
  });
}

export const worldFrom = async (from: Origin, conditions: Conditions): Promise<World> =>
  new World(conditions, await originOf({ from, lag: conditions.lag }));

export async function runWorld(world: World, script: Script, interruption: Script, plan: FaultPlan): Promise<Outcome> {
  const { effects } = world;
  let interrupted: Promise<void> | undefined;
  effects.plan = plan;
  effects.interrupt = () => {
    interrupted ??= interrupt(world, interruption);
  };
  effects.startCounting();
  world.time.after(longestMilliseconds, () => {
    world.invariants.violate("it comes to rest", "four hours later something is still under way");
  });
  void world.keepSyncing();
  await script(new Client(world));
  await interrupted;
  await rest(world);
  if (world.invariants.violations.length === 0) world.invariants.atRest(canary);
  world.end();
  return outcomeOf(world);
}

function outcomeOf({ invariants, effects, record, promotions, executions, log, stumbledAfter }: World): Outcome {
  const ended = [...promotions.all.values()].map((promotion) => ({ kind: `PROMOTION of ${promotion.model.version}`, ...promotion }));
  const outcomes = [...record.operations_.values(), ...ended].map(
    ({ kind, outcome, cause }) => `${kind} ${outcome}${cause ? `: ${cause.message}` : ""}`,
  );
  return {
    violations: invariants.violations,
    effects: effects.trace.filter(({ at }) => at > 0).length,
    first: stumbledAfter + 1,
    trace: effects.trace,
    outcomes,
    log,
    ways: executions.store.footsteps.ways,
  };
}

async function interrupt(world: World, interruption: Script): Promise<void> {
  const { effects } = world;
  const client = new Client(world, "grace@example.com");
  const before = begunIn(world);
  let isDone = false;
  const watching = (async () => {
    for (;;) {
      if (isDone || world.isOver || begunIn(world) > before) return effects.nextEpochBegan();
      await world.time.sleep(10);
    }
  })();
  await world.time.sleep(500);
  await interruption(client);
  isDone = true;
  effects.nextEpochEnded();
  await watching;
}

/** Operations that were ever begun, and promotions that were begun and that have ended: who stands still is behind when it grows. */
function begunIn({ record, promotions }: World): number {
  const epochs = [...record.heads_.values()].reduce((sum, { epoch }) => sum + epoch, 0);
  const ended = [...promotions.all.values()].filter(({ outcome }) => outcome !== null).length;
  return epochs + promotions.all.size + ended;
}

/** Until nothing is under way any more, no warm slot's time runs, and sync finds nothing to do. */
async function rest(world: World): Promise<void> {
  const { time, effects, executions } = world;
  for (let quiet = 0, seen = effects.trace.length, said = 0, rounds = 0; quiet < quietRounds && !world.isOver; ) {
    await time.sleep(61_000);
    const hasFailed = world.log.length > said || world.synchronized === rounds;
    [said, rounds] = [world.log.length, world.synchronized];
    const changes = effects.trace.slice(seen).filter(({ effect }) => effect !== "saveObserved");
    seen = effects.trace.length;
    const isLeaving = world.cluster.all("Pod").some(({ metadata }) => metadata.deletionTimestamp);
    const isUnderWay = executions.isBusy() || effects.underWay > 0 || isHeldUp(world) || isLeaving;
    const isBusy = hasFailed || changes.length > 0 || isUnderWay;
    quiet = isBusy ? 0 : quiet + 1;
  }
}

function isHeldUp({ record, promotions, bus }: World): boolean {
  const isOperating = [...record.heads_.values()].some(
    ({ active_operation, slots }) => active_operation || slots.blue?.role === "warm" || slots.green?.role === "warm",
  );
  return isOperating || bus.underWay > 0 || [...promotions.all.values()].some(({ outcome }) => outcome === null);
}

const known = new Map<string, Promise<World>>();

/** Made once, without faults. */
function originOf({ from, lag = 0 }: Pick<Path, "from" | "lag">): Promise<World> | undefined {
  if (from === "nothing") return undefined;
  const name = `${from} ${lag}`;
  const made = known.get(name) ?? deterministic(seed, () => makeOrigin(from, lag));
  known.set(name, made);
  return made;
}

async function makeOrigin(from: Exclude<Origin, "nothing">, lag: number): Promise<World> {
  const { from: earlier, script, policy } = origins[from];
  const world = new World(conditionsOf({ lag, policy }), await originOf({ from: earlier, lag }));
  await script(new Client(world));
  for (const uid of world.record.heads_.keys()) await world.controllers.grow(uid, 2);
  world.end();
  const { violations, outcomes } = outcomeOf(world);
  if (violations.length > 0 || outcomes.some((outcome) => !outcome.endsWith("SUCCEEDED")))
    throw new Error(`without any fault: ${JSON.stringify({ violations, outcomes, log: world.log })}`);
  return world;
}

/** Nothing may depend on the machine: chance comes from the seed, and copies are made the fast way. */
export async function deterministic<T>(of: number, work: () => Promise<T>): Promise<T> {
  const { random } = Math;
  const { structuredClone } = globalThis;
  const { randomness } = await import("./randomness.ts");
  Math.random = randomness(of);
  globalThis.structuredClone = copy as typeof structuredClone;
  try {
    return await work();
  } finally {
    Math.random = random;
    globalThis.structuredClone = structuredClone;
  }
}
