import { parseArgs } from "node:util";
import { makeFolder, RunningSystem, removeFolder } from "../running-system.ts";
import { type Cell, evenShare, judge, playUnder, report, reportControls } from "./cells.ts";
import { controls } from "./controls.ts";
import { id, prediction, specification, systemOptions } from "./deployment.ts";
import { Load } from "./load.ts";
import type { Counted } from "./load-client.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { byApi, ended } from "./switched.ts";

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

interface Asked {
  /** Requests a second. */
  rate: number;
  /** How long each scenario is played behind each gateway, so that as many have been sent as were asked for. */
  longMs: number;
  gateways: Gateway[];
  scenarios: Scenario[];
}

/** Errors: a request was lost where none may be, or none in a control run, which has to lose some. */
export async function measureSwitch(given: string[]): Promise<void> {
  const asked = readAsked(given);
  const began = performance.now();
  const cells: Cell[] = [];
  for (const gateway of asked.gateways) cells.push(...(await measureGateway(gateway, asked)));
  report(cells, (performance.now() - began) / 1000, asked.rate);
  judge(cells, await reportControls(controls, asked.rate));
}

function readAsked(given: string[]): Asked {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: given, options: { quick: { type: "boolean" }, rate: text, requests: text, gateway: text } });
  const isAsked = ({ name }: Gateway) => (values.gateway ? values.gateway === name : !values.quick || quickGateways.includes(name));
  const rate = Number(values.rate ?? (values.quick ? 100 : 900));
  const requests = Number(values.requests ?? (values.quick ? 1 : 1_000_000));
  const asked = { rate, gateways: gateways.filter(isAsked), scenarios: scenarios.filter(({ isLong }) => !values.quick || !isLong) };
  return { ...asked, longMs: evenShare(requests, rate, asked.gateways.length * asked.scenarios.length) };
}

async function measureGateway(gateway: Gateway, asked: Asked): Promise<Cell[]> {
  const folder = makeFolder();
  const cells = await playAll(folder, gateway, asked).catch((error: Error) => {
    throw new Error(`${gateway.name}: ${error.message}\nRecord and logs of it are in ${folder}`, { cause: error });
  });
  removeFolder(folder);
  return cells;
}

async function playAll(folder: string, gateway: Gateway, { rate, scenarios: played, longMs }: Asked): Promise<Cell[]> {
  const system = await RunningSystem.start([...systemOptions(folder), ...gateway.options]);
  try {
    await system.apiAnswers();
    const load = await loadOn(system, rate);
    for (const scenario of played) await playUnder(load, scenario, byApi(system), gateway.name, longMs);
    const parts = await load.stop();
    return played.map((scenario) => ({ gateway: gateway.name, scenario, counted: parts[scenario.name] as Counted }));
  } finally {
    await system.stop();
  }
}

async function loadOn(system: RunningSystem, rate: number): Promise<Load> {
  const url = `${system.url}/endpoints/${id}/predict`;
  const started = await system.call("POST", "/v1/deployments", specification("first", { drain_seconds: 10, warm_seconds: 3600 }));
  await ended(byApi(system), started.operation, "SUCCEEDED");
  return new Load({ url, rate, body: prediction }, "before");
}
