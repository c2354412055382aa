import { beforeEach, expect, it } from "vitest";
import { stopSearches } from "../../lambdas/logs/stop-searches.ts";
import { leftAloneMilliseconds } from "../../lambdas/operations/read-historical-logs.ts";
import { LogsThrottled, type SearchResults } from "../../lambdas/ports/log-history.ts";
import { type Installation, installation } from "../doubles/installation.ts";

let system: Installation;
/** What a search answers now. */
let results: () => Promise<SearchResults>;
let begun: number;
let stopped: string[];
let refusal: Error | undefined;

const history = {
  begin: async () => {
    begun += 1;
    return `search-${begun}`;
  },
  results: () => results(),
  all: async function* () {},
  stop: async (id: string) => {
    if (refusal) throw refusal;
    stopped.push(id);
  },
};
const running = async (): Promise<SearchResults> => ({ state: "running", lines: [] });
const complete = async (): Promise<SearchResults> => ({ state: "complete", lines: [] });

beforeEach(async () => {
  [results, begun, stopped, refusal] = [running, 0, [], undefined];
  system = installation({ history });
  await system.member("POST /v1/deployments", {
    body: { group: "fraud", name: "Card", environment: "production", access: "public", predictor: { image: "card:1" } },
  });
});

const read = (query: Record<string, string> = {}) =>
  system.viewer("GET /v1/deployments/{id}/logs", { parameters: { id: "card" }, query: { source: "historical", ...query } });
const warned: string[] = [];
const tick = () =>
  stopSearches({ ...system, searches: system.logSearches, history, log: { warn: (message) => void warned.push(message) } });

it("stops a search that nobody asks for again, once", async () => {
  expect((await read()).status).toBe(202);
  system.clock.time += leftAloneMilliseconds;
  await tick();
  expect(stopped).toEqual([]);
  system.clock.time += 1;
  await tick();
  await tick();
  expect(stopped).toEqual(["search-1"]);
});

it("leaves one alone that is asked for again within a minute, as often as it takes", async () => {
  let { cursor } = (await read()).body;
  for (let round = 0; round < 5; round += 1) {
    system.clock.time += 60_000;
    await tick();
    ({ cursor } = (await read({ cursor })).body);
    await tick();
  }
  expect([stopped, begun]).toEqual([[], 1]);
  results = complete;
  expect((await read({ cursor })).status).toBe(200);
  expect(system.logSearches.awaited.size).toBe(0);
});

it("has nothing to do with one that is over in time", async () => {
  results = complete;
  expect((await read()).status).toBe(200);
  expect(system.logSearches.awaited.size).toBe(0);
});

it("is not needed by one whose results could not be asked for, and of which nobody has a cursor: it is stopped at once", async () => {
  results = () => Promise.reject(new LogsThrottled("ThrottlingException"));
  expect((await read()).status).toBe(429);
  expect(stopped).toEqual(["search-1"]);
});

it("keeps one that somebody has a cursor of, when its results could not be asked for now", async () => {
  const { cursor } = (await read()).body;
  results = () => Promise.reject(new LogsThrottled("ThrottlingException"));
  expect((await read({ cursor })).status).toBe(429);
  expect([stopped, [...system.logSearches.awaited.keys()]]).toEqual([[], ["search-1"]]);
});

it("goes on to the next one when one cannot be stopped, and says so", async () => {
  await read();
  await read();
  system.clock.time += leftAloneMilliseconds + 1;
  refusal = new Error("busy");
  await tick();
  expect(warned).toEqual(["search search-1 could not be stopped", "search search-2 could not be stopped"]);
});
