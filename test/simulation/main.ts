import { parseArgs } from "node:util";
import { type Failure, told } from "./grid.ts";
import { onAllCores } from "./pool.ts";
import { scheduleOf } from "./schedules.ts";
import { shrunk } from "./shrink.ts";

/** npm run simulate: the whole grid, then random schedules; see docs/invariants.md. */
const { values } = parseArgs({
  options: { seed: { type: "string" }, schedules: { type: "string" }, grid: { type: "boolean" }, path: { type: "string" } },
});
const from = Number(values.seed ?? 1);
const count = Number(values.schedules ?? process.env.SLIPWAY_SCHEDULES ?? (values.seed === undefined ? 10_000 : 1));
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(count) || count < 0) {
  throw new Error(`--seed and --schedules are whole numbers; given: --seed ${values.seed} --schedules ${values.schedules}`);
}
const onlySchedules = values.seed !== undefined || values.schedules !== undefined;
const [withGrid, withSchedules] = [values.grid || values.path !== undefined || !onlySchedules, !values.grid && values.path === undefined];

/** Of the failures of one kind; the rest in a line each. */
const shown = 3;
const inShort = ({ path, faults }: Failure) => `${path}, ${faults.map(({ at, kind }) => `${kind} at ${at}`).join(", ")}`;

let failed = 0;
if (withGrid) await runGrid();
if (withSchedules) await runSchedules();
process.exitCode = failed > 0 ? 1 : 0;

async function runGrid(): Promise<void> {
  const begun = performance.now();
  const { runs, failures } = await onAllCores({ grid: { path: values.path } } as never);
  for (const { failure } of failures.slice(0, shown)) console.log(told(failure));
  for (const { failure } of failures.slice(shown)) console.log(`${inShort(failure)}: ${failure.outcome.violations[0]?.invariant}`);
  report(`cells of the grid`, runs, failures.length, begun);
}

async function runSchedules(): Promise<void> {
  const begun = performance.now();
  const { runs, failures } = await onAllCores({ schedules: { from, count } } as never);
  for (const { seed = from } of failures.slice(0, shown)) {
    const { schedule, outcome } = await shrunk(scheduleOf(seed));
    console.log(told({ path: `seed ${seed}: ${JSON.stringify(schedule)}`, faults: schedule.effects, outcome }));
    console.log(`again: npm run simulate -- --seed ${seed}`);
  }
  for (const { seed, failure } of failures.slice(shown)) console.log(`seed ${seed}: ${failure.outcome.violations[0]?.invariant}`);
  report(`random schedules from seed ${from}`, runs, failures.length, begun);
}

function report(what: string, runs: number, failures: number, begun: number): void {
  failed += failures;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`${runs} ${what} in ${seconds} s: ${failures === 0 ? "nothing violated" : `${failures} FAILED`}`);
}
