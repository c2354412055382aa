import { parseArgs } from "node:util";
import { printTable, rounded } from "../report.ts";
import { makeFolder, RunningSystem, removeFolder } from "../running-system.ts";
import { controls } from "./controls.ts";
import { ended, id, prediction, specification, systemOptions } from "./deployment.ts";
import { Load } from "./load.ts";
import { type Counted, failed, merged, percentile } from "./load-client.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

interface Gateway {
  name: string;
  /** Of `npm start`. */
  options: string[];
}

const gateways: Gateway[] = [
  { name: "no lag", options: [] },
  { name: "lag 0.2 s", options: ["--gateway-lag", "200"] },
  { name: "lag 1 s", options: ["--gateway-lag", "1000"] },
  { name: "lag 5 s", options: ["--gateway-lag", "5000"] },
  { name: "like an ALB", options: ["--gateway-like", "alb", "--gateway-lag", "200"] },
];
const quickGateways = ["no lag", "lag 1 s", "like an ALB"];
/** Before and after what a scenario does, the load goes on. */
const pauseMs = 1500;

interface Asked {
  /** Requests a second. */
  rate: number;
  /** Everything is played again until so many have been sent. */
  requests: number;
  gateways: Gateway[];
  scenarios: Scenario[];
}

/** One scenario behind one gateway, over all rounds. */
interface Cell {
  gateway: string;
  scenario: Scenario;
  counted: Counted;
}

/** Errors: a request was lost where none may be, or none in a control run, which has to lose some. */
export async function measureSwitch(given: string[]): Promise<void> {
  const asked = readAsked(given);
  const began = performance.now();
  const rounds: Cell[][] = [];
  while (rounds.length === 0 || sent(rounds.flat()) < asked.requests) {
    for (const gateway of asked.gateways) rounds.push(await measureGateway(gateway, asked));
  }
  const cells = overRounds(rounds.flat());
  report(cells, (performance.now() - began) / 1000, asked.rate);
  const lossless = await reportControls(asked.rate);
  const lost = cells.filter((cell) => lostIn(cell) > 0);
  for (const { gateway, scenario, counted } of lost)
    console.error(`${gateway}, ${scenario.name}: ${JSON.stringify({ ...counted.failures, told: counted.refusals })}`);
  if (lost.length > 0) throw new Error(`requests were lost in ${lost.length} cells`);
  if (lossless.length > 0) throw new Error(`control runs that had to lose requests lost none: ${lossless.join(", ")}`);
}

function readAsked(given: string[]): Asked {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: given, options: { quick: { type: "boolean" }, rate: text, requests: text, gateway: text } });
  const isAsked = ({ name }: Gateway) => (values.gateway ? values.gateway === name : !values.quick || quickGateways.includes(name));
  return {
    rate: Number(values.rate ?? (values.quick ? 100 : 500)),
    requests: Number(values.requests ?? (values.quick ? 1 : 1_000_000)),
    gateways: gateways.filter(isAsked),
    scenarios: scenarios.filter(({ isLong }) => !values.quick || !isLong),
  };
}

async function measureGateway(gateway: Gateway, asked: Asked): Promise<Cell[]> {
  const folder = makeFolder();
  const cells = await playAll(folder, gateway, asked).catch((error: Error) => {
    throw new Error(`${gateway.name}: ${error.message}\nRecord and logs of it are in ${folder}`, { cause: error });
  });
  removeFolder(folder);
  return cells;
}

async function playAll(folder: string, gateway: Gateway, { rate, scenarios: played }: Asked): Promise<Cell[]> {
  const system = await RunningSystem.start([...systemOptions(folder), ...gateway.options]);
  try {
    await system.apiAnswers();
    const load = await loadOn(system, rate);
    for (const scenario of played) await playUnder(load, scenario, system, gateway);
    const parts = await load.stop();
    return played.map((scenario) => ({ gateway: gateway.name, scenario, counted: parts[scenario.name] as Counted }));
  } finally {
    await system.stop();
  }
}

async function loadOn(system: RunningSystem, rate: number): Promise<Load> {
  const url = `${system.url}/endpoints/${id}/predict`;
  const started = await system.call("POST", "/v1/deployments", specification("first", { drain_seconds: 10, warm_seconds: 3600 }));
  await ended(system, started.operation.id, "SUCCEEDED");
  return new Load({ url, rate, body: prediction }, "before");
}

async function playUnder(load: Load, scenario: Scenario, system: RunningSystem, gateway: Gateway): Promise<void> {
  const began = performance.now();
  load.begin(scenario.name);
  await pause();
  await scenario.play(system);
  await pause();
  console.log(`${gateway.name}, ${scenario.name}: ${rounded((performance.now() - began) / 1000)} s`);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));

const lostIn = ({ scenario, counted }: Cell): number => failed(counted) + (scenario.stops ? 0 : counted.refusals);
const sent = (cells: Cell[]): number => cells.reduce((sum, { counted }) => sum + counted.requests, 0);

function overRounds(cells: Cell[]): Cell[] {
  const groups = Map.groupBy(cells, ({ gateway, scenario }) => `${gateway} ${scenario.name}`);
  return [...groups.values()].map((group) => ({ ...(group[0] as Cell), counted: merged(group.map(({ counted }) => counted)) }));
}

function report(cells: Cell[], seconds: number, rate: number): void {
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
  table("Milliseconds from when a request was due, p50 / p99:", ({ counted: { latencies } }) => {
    return `${rounded(percentile(latencies, 50))} / ${rounded(percentile(latencies, 99))}`;
  });
  const own = cells.filter(({ counted }) => counted.modelErrors > 0 || counted.refusals > 0);
  const rows = own.map(({ gateway, scenario, counted }) => [gateway, scenario.name, `${counted.modelErrors}`, `${counted.refusals}`]);
  printTable("Not lost: answered by a model that errs, or told that nothing serves", ["gateway", "scenario", "by the model", "told"], rows);
}

/** Gives the names of those that lost nothing. */
async function reportControls(rate: number): Promise<string[]> {
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
