import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { id, imagesOption, predictor, specification } from "../../../bench/switch/deployment.ts";
import { LoadClient, patientMs } from "../../../bench/switch/load-client.ts";
import { System } from "./system.ts";

let folder: string;
let system: System | undefined;
let load: LoadClient | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-switch-"));
});
afterEach(async () => {
  await load?.stop();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ends(system: System, operation: { id: string }): Promise<void> {
  const { body } = await system.call("GET", `/v1/operations/${operation.id}?wait=25`);
  expect(body).toMatchObject({ outcome: "SUCCEEDED" });
}

// `npm run bench -- switch` plays more, and at length.
it.each([
  ["does not lag", []],
  ["lags by a second", ["--gateway-lag", "1000"]],
])("no request is lost through an update, a canary and a rollback behind a gateway that %s", async (_name, manner) => {
  const here = await System.start(["--no-sample", ...imagesOption(folder), ...manner]);
  system = here;
  const started = await here.call("POST", "/v1/deployments", { body: specification("one", { drain_seconds: 2 }) });
  await ends(here, started.body.operation);
  load = new LoadClient({ url: `${here.url}/endpoints/${id}/predict`, rate: 60, timeoutMs: patientMs }, "all");
  const canary = { strategy: "canary", percent: 50, bake_seconds: 0 };
  for (const change of [{ predictor: predictor("two") }, { predictor: predictor("three"), rollout: canary }]) {
    const { body } = await here.call("PATCH", `/v1/deployments/${id}`, { body: change });
    await ends(here, body.operation);
  }
  const back = await here.call("POST", `/v1/deployments/${id}/rollback`, { body: {} });
  await ends(here, back.body.operation);
  const { all } = await load.stop();
  expect(all).toMatchObject({
    refusals: 0,
    modelErrors: 0,
    greetings: { one: expect.any(Number), two: expect.any(Number), three: expect.any(Number) },
  });
  expect(all?.failures).toEqual({});
});
