import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { System } from "./system.ts";

let system: System;
let folder: string;
let database: DynamoDBClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-preflight-"));
  system = await System.start(["--no-sample", "--images", await writeEchoImage(folder)]);
  const credentials = { accessKeyId: "test", secretAccessKey: "local" };
  database = new DynamoDBClient({ endpoint: `${system.url}/aws`, region: "us-east-1", credentials });
});
afterAll(async () => {
  database?.destroy();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Every item of every table by its key, but for what is written of what is seen in the cluster. */
async function everything(): Promise<Record<string, unknown>> {
  const { TableNames = [] } = await database.send(new ListTablesCommand({}));
  const scans = await Promise.all(TableNames.map((TableName) => database.send(new ScanCommand({ TableName, ConsistentRead: true }))));
  const items = scans.flatMap(({ Items = [] }) => Items).filter(({ pk, sk }) => !pk?.S?.startsWith("WATCH#") && sk?.S !== "OBSERVED");
  return Object.fromEntries(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]));
}

interface Found {
  check: string;
  outcome: string;
  message: string;
  action: string | null;
}

/** The findings of a dry run, by check; the record is afterwards as it was. */
async function findings(method: "POST" | "PATCH", path: string, body: object): Promise<Record<string, Found>> {
  const before = await everything();
  const answer = await system.call(method, `${path}?dry_run=true`, { body, headers: { "idempotency-key": "preflight" } });
  expect(answer).toMatchObject({ status: 200, body: { findings: expect.any(Array) } });
  expect(await everything()).toEqual(before);
  return Object.fromEntries((answer.body.findings as Found[]).map((finding) => [finding.check, finding]));
}

const outcomes = (found: Record<string, Found>) => Object.fromEntries(Object.values(found).map(({ check, outcome }) => [check, outcome]));
const sized = (instance_type: string, min_replicas: number) => ({
  predictor: { image: "test/echo:1", instance_type, scaling_config: { min_replicas, max_replicas: 10 } },
});

/** The local cluster's one node has 8 cores and 16 GiB, and no GPU. */
it("says what would come of a create, and makes nothing", async () => {
  expect(outcomes(await findings("POST", "/v1/deployments", echoDeployment("fits")))).toEqual({
    ...{ schema: "passed", name: "passed", model: "passed", instance_type: "passed", cluster: "passed" },
    ...{ quota: "passed", capacity: "passed", two_slots: "passed", artifact: "passed", gateway: "passed", permissions: "passed" },
    ...{ image: "unknown", admission: "unknown" },
  });
  expect((await system.call("GET", "/v1/deployments/fits")).status).toBe(404);

  const gpu = await findings("POST", "/v1/deployments", echoDeployment("gpu", sized("gpu.standard", 1)));
  expect(gpu.capacity).toMatchObject({ outcome: "failed", message: expect.stringContaining("nvidia.com/gpu") });
  expect(gpu.capacity?.action).toContain("have such nodes added");

  const cpu = await findings("POST", "/v1/deployments", echoDeployment("cpu", sized("cpu.large", 3)));
  expect(cpu.capacity).toMatchObject({ outcome: "failed", message: expect.stringMatching(/room for \d of predictor.* short of .*cpu/) });

  const single = await findings("POST", "/v1/deployments", echoDeployment("single", sized("cpu.standard", 5)));
  expect(single).toMatchObject({ capacity: { outcome: "passed" }, two_slots: { outcome: "warning" } });
  expect(single.two_slots?.action).toContain("recreate");
});

it("says what would come of an update beside what serves", async () => {
  const { body } = await system.call("POST", "/v1/deployments?wait=25", { body: echoDeployment("served", sized("cpu.standard", 5)) });
  await system.until(
    "it serves",
    async () => (await system.call("GET", `/v1/operations/${body.operation.id}`)).body.outcome === "SUCCEEDED",
  );
  const path = "/v1/deployments/served";

  const beside = await findings("PATCH", path, { description: "the same size" });
  expect(beside).toMatchObject({ cluster: { outcome: "passed" }, capacity: { outcome: "passed" }, image: { outcome: "passed" } });
  expect(beside.two_slots).toMatchObject({ outcome: "failed", message: expect.stringContaining("does not fit beside what serves now") });
  expect(beside.two_slots?.action).toContain(`"recreate"`);

  const recreated = await findings("PATCH", path, { description: "the same size", rollout: { strategy: "recreate" } });
  expect(recreated).toMatchObject({ capacity: { outcome: "passed" }, two_slots: { outcome: "passed" } });
  expect((await findings("POST", "/v1/deployments", echoDeployment("served"))).name).toMatchObject({ outcome: "failed" });
  expect((await system.call("GET", path)).body.revisions).toMatchObject({ wanted: 1 });
});

it("refuses what the request itself would refuse", async () => {
  const dry = (body: object, as = "member") => system.call("POST", "/v1/deployments?dry_run=true", { body, as });
  const before = await everything();
  expect((await dry({ ...echoDeployment("bad"), predictor: { image: "test/echo:1", instance_type: "cpu.huge" } })).body).toMatchObject({
    code: "invalid-input",
  });
  expect((await dry(echoDeployment("elsewhere", { group: "elsewhere" }))).status).toBe(404);
  expect((await dry(echoDeployment("viewed"), "viewer")).status).toBe(403);
  expect((await system.call("PATCH", "/v1/deployments/none?dry_run=true", { body: {} })).status).toBe(404);
  expect(await everything()).toEqual(before);
});
