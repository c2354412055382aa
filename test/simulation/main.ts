import { parseArgs } from "node:util";
import { machines } from "./executions.ts";
import { waysIn } from "./footsteps.ts";
import { inShort, told } from "./grid.ts";
import { type Done, onAllCores } from "./pool.ts";
import { promotionScheduleOf } from "./promotion-schedules.ts";
import { scheduleOf } from "./schedules.ts";
import { shrunk } from "./shrink.ts";

/** npm run simulate: the whole grid, then random schedules; see docs/invariants.md. */
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    schedules: { type: "string" },
    grid: { type: "boolean" },
    path: { type: "string" },
    promotions: { type: "boolean" },
  },
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

if (withGrid) await runGrid();
if (withSchedules && !values.promotions) await runSchedules();
if (withSchedules && (values.promotions || !onlySchedules)) await runPromotions();

async function runGrid(): Promise<void> {
  const begun = performance.now();
  const done = await onAllCores({ grid: { path: values.path } });
  for (const { failure } of done.failures.slice(0, shown)) console.log(told(failure));
  for (const { failure } of done.failures.slice(shown)) console.log(`${inShort(failure)}: ${failure.outcome.violations[0]?.invariant}`);
  report("cells of the grid", done, begun);
  if (values.path === undefined) reportWays(done);
}

/** Every way that the state machines have, as they are written, is one that was gone. */
function reportWays({ ways }: Done): void {
  const all = machines.flatMap(({ name, definition }) => waysIn(name, definition));
  const missing = all.filter((way) => !ways.has(way));
  for (const way of missing) console.log(`  nobody went: ${way}`);
  console.log(`  ${all.length - missing.length} of the ${all.length} ways through ${machines.length} state machines were gone`);
  if (missing.length > 0) process.exitCode = 1;
}

async function runSchedules(): Promise<void> {
  const begun = performance.now();
  const done = await onAllCores({ schedules: { from, count } });
  for (const { seed = from } of done.failures.slice(0, shown)) {
    const { schedule, outcome } = await shrunk(scheduleOf(seed));
    console.log(told({ path: `seed ${seed}: ${JSON.stringify(schedule)}`, faults: schedule.effects, outcome }));
    console.log(`again: npm run simulate -- --seed ${seed}`);
  }
  for (const { seed, failure } of done.failures.slice(shown)) console.log(`seed ${seed}: ${failure.outcome.violations[0]?.invariant}`);
  report(`random schedules from seed ${from}`, done, begun);
}

/** A fifth as many: each is of two deployments, and several times as long. */
async function runPromotions(): Promise<void> {
  const begun = performance.now();
  const done = await onAllCores({ promotions: { from, count: values.promotions ? count : Math.ceil(count / 5) } });
  for (const { seed, failure } of done.failures.slice(0, shown)) {
    console.log(told({ ...failure, path: `seed ${seed}: ${JSON.stringify(promotionScheduleOf(seed ?? from))}` }));
    console.log(`again: npm run simulate -- --promotions --seed ${seed}`);
  }
  for (const { seed, failure } of done.failures.slice(shown)) console.log(`seed ${seed}: ${failure.outcome.violations[0]?.invariant}`);
  report(`random schedules of promotions from seed ${from}`, done, begun);
}

function report(what: string, { runs, failures, faults, outcomes }: Done, begun: number): void {
  if (failures.length > 0) process.exitCode = 1;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`${runs} ${what} in ${seconds} s: ${failures.length === 0 ? "nothing violated" : `${failures.length} FAILED`}`);
  console.log(`  faults: ${counted(faults)}`);
  console.log(`  operations: ${counted(outcomes)}`);
}

function counted(counts: Map<string, number>): string {
  const said = [...counts].sort(([, one], [, other]) => other - one).map(([name, times]) => `${times} ${name}`);
  return said.join(", ") || "none";
}
