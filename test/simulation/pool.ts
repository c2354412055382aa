import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Fault, faultKinds } from "./faults.ts";
import { cellsOf, type Failure, runCell } from "./grid.ts";
import { paths } from "./paths.ts";
import { runSchedule, scheduleOf } from "./schedules.ts";

/** What one thread does: every n-th cell of the grid, or every n-th schedule. */
export type Work = { share: number; of: number } & (
  | { grid: { path: string | undefined } }
  | { schedules: { from: number; count: number } }
);

export interface Done {
  runs: number;
  failures: { seed?: number; path?: string; faults: readonly Fault[]; failure: Failure }[];
}

/** On every core that there is. Stops early after so many failures in one thread. */
export async function onAllCores(work: Omit<Work, "share" | "of">, threads = Math.min(8, availableParallelism())): Promise<Done> {
  const shares = await Promise.all(Array.from({ length: threads }, (_, share) => inThread({ ...work, share, of: threads } as Work)));
  return { runs: shares.reduce((sum, { runs }) => sum + runs, 0), failures: shares.flatMap(({ failures }) => failures) };
}

function inThread(work: Work): Promise<Done> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: work });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const enough = 20;

export async function doWork(work: Work): Promise<Done> {
  return "grid" in work ? runGrid(work, work.grid.path) : runSchedules(work, work.schedules);
}

async function runGrid({ share, of }: Pick<Work, "share" | "of">, wanted: string | undefined): Promise<Done> {
  const done: Done = { runs: 0, failures: [] };
  for (const path of paths.filter(({ name }) => wanted === undefined || name.includes(wanted))) {
    const cells = await cellsOf(path, faultKinds);
    for (const cell of cells.filter((_, index) => index % of === share)) {
      const failure = await runCell(cell);
      done.runs += 1;
      if (failure) done.failures.push({ path: path.name, faults: failure.faults, failure });
      if (done.failures.length >= enough) return done;
    }
  }
  return done;
}

async function runSchedules({ share, of }: Pick<Work, "share" | "of">, { from, count }: { from: number; count: number }): Promise<Done> {
  const done: Done = { runs: 0, failures: [] };
  for (let seed = from + share; seed < from + count && done.failures.length < enough; seed += of) {
    const schedule = scheduleOf(seed);
    const outcome = await runSchedule(schedule);
    done.runs += 1;
    if (outcome.violations.length > 0)
      done.failures.push({ seed, faults: schedule.effects, failure: { path: `seed ${seed}`, faults: schedule.effects, outcome } });
  }
  return done;
}

if (!isMainThread && parentPort) parentPort.postMessage(await doWork(workerData as Work));
