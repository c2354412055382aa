import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { freezing } from "./copy.ts";
import type { Fault } from "./faults.ts";
import { allPaths, cellsOf, type Failure, runCell } from "./grid.ts";
import { promotionScheduleOf, runPromotionSchedule } from "./promotion-schedules.ts";
import type { Outcome } from "./run.ts";
import { runSchedule, scheduleOf } from "./schedules.ts";

/** What is to be done: the grid, of all paths or of those whose name has a part; or schedules. */
export type Task = { grid: { path: string | undefined } } | { schedules: Seeds } | { promotions: Seeds };
interface Seeds {
  from: number;
  count: number;
}
/** What one thread does of it: every n-th. */
type Work = Task & { share: number; of: number };

export interface Done {
  runs: number;
  failures: { seed?: number; failure: Failure }[];
  /** Of state machines. */
  ways: Set<string>;
  /** How often each fault has befallen a side effect, and each outcome has ended an operation. */
  faults: Map<string, number>;
  outcomes: Map<string, number>;
}

const nothing = (): Done => ({ runs: 0, failures: [], ways: new Set(), faults: new Map(), outcomes: new Map() });

/** On every core that there is. Stops early after so many failures in one thread. */
export async function onAllCores(task: Task, threads = Math.min(8, availableParallelism())): Promise<Done> {
  const shares = await Promise.all(Array.from({ length: threads }, (_, share) => inThread({ ...task, share, of: threads })));
  const all = nothing();
  for (const { runs, failures, ways, faults, outcomes } of shares) {
    all.runs += runs;
    all.failures.push(...failures);
    for (const way of ways) all.ways.add(way);
    for (const [name, times] of faults) count(all.faults, name, times);
    for (const [name, times] of outcomes) count(all.outcomes, name, times);
  }
  return all;
}

function inThread(work: Work): Promise<Done> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: work });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const enough = 20;

async function doWork(work: Work): Promise<Done> {
  // Errors are made by the thousand here, and nobody reads where: what fails is told from a run of its own.
  Error.stackTraceLimit = 0;
  freezing.isOn = false;
  if ("grid" in work) return runGrid(work, work.grid.path);
  return "schedules" in work ? runSchedules(work, work.schedules, ofDeployments) : runSchedules(work, work.promotions, ofPromotions);
}

const ofDeployments = (seed: number) => [scheduleOf(seed).effects, () => runSchedule(scheduleOf(seed))] as const;
const ofPromotions = (seed: number) => [promotionScheduleOf(seed).effects, () => runPromotionSchedule(promotionScheduleOf(seed))] as const;

async function runGrid({ share, of }: Pick<Work, "share" | "of">, wanted: string | undefined): Promise<Done> {
  const done = nothing();
  for (const path of (await allPaths()).filter(({ name }) => wanted === undefined || name.includes(wanted))) {
    const cells = await cellsOf(path);
    for (const cell of cells.filter((_, index) => index % of === share)) {
      note(done, path.name, cell.faults, await runCell(cell));
      if (done.failures.length >= enough) return done;
    }
  }
  return done;
}

async function runSchedules({ share, of }: Pick<Work, "share" | "of">, { from, count }: Seeds, by: typeof ofDeployments): Promise<Done> {
  const done = nothing();
  for (let seed = from + share; seed < from + count && done.failures.length < enough; seed += of) {
    const [effects, run] = by(seed);
    note(done, `seed ${seed}`, effects, await run(), seed);
  }
  return done;
}

function note(done: Done, path: string, faults: readonly Fault[], outcome: Outcome, seed?: number): void {
  done.runs += 1;
  for (const way of outcome.ways) done.ways.add(way);
  for (const { fault } of outcome.trace) if (fault) count(done.faults, fault);
  for (const ending of outcome.outcomes) count(done.outcomes, ending.split(":")[0] as string);
  if (outcome.violations.length === 0) return;
  const failure = { path, faults, outcome: { ...outcome, ways: new Set<string>() } };
  done.failures.push({ failure, ...(seed !== undefined && { seed }) });
}

function count(counts: Map<string, number>, name: string, times = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

if (!isMainThread && parentPort) parentPort.postMessage(await doWork(workerData as Work));
