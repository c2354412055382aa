import { printTable, rounded } from "../report.ts";
import type { Control } from "./controls.ts";
import type { Load } from "./load.ts";
import { type Counted, failed, percentile } from "./load-client.ts";
import type { Scenario } from "./scenarios.ts";
import type { Switched } from "./switched.ts";

/** One scenario behind one gateway, played as often as its share of the requests takes. */
export interface Cell {
  gateway: string;
  scenario: Scenario;
  counted: Counted;
}

/** At least once, then again as long as it fits into its time. Before and after what it does, and until then, the load goes on. */
export async function playUnder(load: Load, scenario: Scenario, switched: Switched, gateway: string, longMs: number): Promise<void> {
  const began = performance.now();
  const sinceBegun = () => performance.now() - began;
  load.begin(scenario.name);
  await pause(pauseMs);
  let times = 0;
  do {
    await scenario.play(switched);
    times += 1;
  } while (sinceBegun() + sinceBegun() / times / 2 < longMs);
  await pause(Math.max(pauseMs, longMs - sinceBegun()));
  console.log(`${gateway}, ${scenario.name}: played ${times} × in ${rounded(sinceBegun() / 1000)} s`);
}

const pauseMs = 1500;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How long each cell is to last, in milliseconds, for so many requests in all at so many a second. */
export const evenShare = (requests: number, rate: number, cells: number): number => (requests / rate / cells) * 1000;

/** Errors: a request was lost where none may be, or none in a control run, which has to lose some. */
export function judge(cells: Cell[], lossless: string[]): void {
  const lost = cells.filter((cell) => lostIn(cell) > 0);
  for (const { gateway, scenario, counted } of lost)
    console.error(`${gateway}, ${scenario.name}: ${JSON.stringify({ ...counted.failures, told: counted.refusals })}`);
  if (lost.length > 0) throw new Error(`requests were lost in ${lost.length} cells`);
  if (lossless.length > 0) throw new Error(`control runs that had to lose requests lost none: ${lossless.join(", ")}`);
}

const lostIn = ({ scenario, counted }: Cell): number => failed(counted) + (scenario.stops ? 0 : counted.refusals);
const sent = (cells: Cell[]): number => cells.reduce((sum, { counted }) => sum + counted.requests, 0);

export function report(cells: Cell[], seconds: number, rate: number): void {
  const columns = [...new Set(cells.map(({ gateway }) => gateway))];
  const table = (title: string, shown: (cell: Cell) => string) => {
    const rows = [...new Set(cells.map(({ scenario }) => scenario.name))].map((name) => {
      const row = columns.map((gateway) => cells.find((cell) => cell.gateway === gateway && cell.scenario.name === name));
      return [name, ...row.map((cell) => (cell ? shown(cell) : "–"))];
    });
    printTable(title, ["scenario", ...columns], rows);
  };
  const lost = cells.reduce((sum, cell) => sum + lostIn(cell), 0);
  const total = sent(cells).toLocaleString("en");
  table(`Switch: ${lost} of ${total} requests lost, ${rate} a second for ${rounded(seconds / 60)} min. Lost of sent:`, (cell) => {
    return `${lostIn(cell)} of ${cell.counted.requests}`;
  });
  const latest = Math.max(...cells.map(({ counted }) => counted.latest));
  console.log(`The client was late by ${rounded(latest)} ms at most: requests that were due meanwhile were sent at once.`);
  table("Milliseconds from when a request was due, p50 / p99:", ({ counted: { latencies } }) => {
    return `${rounded(percentile(latencies, 50))} / ${rounded(percentile(latencies, 99))}`;
  });
  const own = cells.filter(({ counted }) => counted.modelErrors > 0 || counted.refusals > 0);
  const rows = own.map(({ gateway, scenario, counted }) => [gateway, scenario.name, `${counted.modelErrors}`, `${counted.refusals}`]);
  printTable("Not lost: answered by a model that errs, or told that nothing serves", ["gateway", "scenario", "by the model", "told"], rows);
}

/** Gives the names of those that lost nothing. */
export async function reportControls(controls: Control[], rate: number): Promise<string[]> {
  const lossless: string[] = [];
  const rows: string[][] = [];
  for (const control of controls) {
    const counted = await control.play(rate);
    const kinds = Object.entries(counted.failures).map(([kind, times]) => `${times} × ${kind}`);
    rows.push([control.name, `${failed(counted)} of ${counted.requests}`, kinds.join("; ")]);
    if (failed(counted) === 0) lossless.push(control.name);
  }
  printTable("Control runs, which have to lose requests", ["control", "lost", "how"], rows);
  return lossless;
}
