import { join } from "node:path";
import { ulid } from "ulid";
import { dynamoRecord } from "../lambdas/adapters/dynamodb-record.ts";
import { awsClient } from "../lambdas/runtime/aws-client.ts";
import { type AwsCall, jsonCalls } from "../lambdas/runtime/aws-json.ts";
import { documents } from "../lambdas/runtime/documents.ts";
import { systemClock } from "../lambdas/runtime/surroundings.ts";
import { startEngine } from "../local/aws/dynamodb/engine.ts";
import { deployedFunctions } from "./cold-start.ts";
import { load, median, printTable, rounded } from "./report.ts";
import { makeMemoryFolder, RunningSystem, removeFolder } from "./running-system.ts";

const sizes = [100, 1_000, 10_000, 100_000];
const pageSize = 50;
const asked = 20;
const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
/** As DynamoDB says it. */
type Item = Record<string, { S?: string }>;

/** What the first page of a list costs and how long it takes, with so many deployments in its group. */
export async function measureListPage(): Promise<void> {
  const folder = makeMemoryFolder();
  const engine = await startEngine(folder, { add: () => () => {} }, undefined);
  const environment = { AWS_ENDPOINT_URL_DYNAMODB: engine.url };
  const system = await RunningSystem.start(["--data", join(folder, "data"), "--no-sample"], undefined, environment);
  try {
    await system.apiAnswers();
    const table = (await deployedFunctions(system.url)).find(({ title }) => title === "ReadRecord")?.environment.TABLE_NAME ?? "";
    // Straight to the engine: what the local AWS does beside each write is nothing that a list page costs.
    const client = awsClient("DYNAMODB", { region: "us-east-1", credentials, clock: systemClock, endpointUrl: engine.url }, 30_000);
    const call = jsonCalls(client, { version: "1.0", target: "DynamoDB_20120810" });
    const first = await firstHead(system, call, table);
    // Nobody is told of the copies: the functions at the stream would take longer with each of them than the table does.
    await call("UpdateTable", { TableName: table, StreamSpecification: { StreamEnabled: false } });
    const rows: string[][] = [];
    for (let count = 1, next = 0; next < sizes.length; next++) {
      for (; count < (sizes[next] as number); count += await add(call, table, first, count, sizes[next] as number));
      rows.push([count.toLocaleString("en"), ...(await pageOf(system, call, table)), load()]);
      console.log(rows.at(-1)?.join("  "));
    }
    printTable(
      `The first page of ${pageSize} deployments`,
      ["deployments", "read units", "limit", "median of the API's answer, ms", "load"],
      rows,
    );
  } finally {
    await system.stop();
    await engine.stop();
    removeFolder(folder);
  }
}

async function firstHead(system: RunningSystem, call: AwsCall, table: string): Promise<Item> {
  const predictor = { image: "bench/none:1" };
  const body = { group: "demo", name: nameOf(0), environment: "staging", access: "public", start: false, predictor };
  const { deployment } = await system.call("POST", "/v1/deployments", body);
  const { Items = [] } = await call("Scan", {
    TableName: table,
    FilterExpression: "sk = :sk AND uid = :uid",
    ExpressionAttributeValues: { ":sk": { S: "HEAD" }, ":uid": { S: deployment.uid } },
  });
  return Items[0];
}

const nameOf = (number: number): string => `scorer ${String(number).padStart(6, "0")}`;

/** As many copies as one request takes; gives how many. */
async function add(call: AwsCall, table: string, first: Item, from: number, until: number): Promise<number> {
  const count = Math.min(25, until - from);
  const puts = Array.from({ length: count }, (_, index) => {
    const [uid, name] = [ulid(), nameOf(from + index)];
    const own = { uid, name, id: `d${uid.toLowerCase()}`, listed_name: name, pk: `DEPLOYMENT#${uid}` };
    return { PutRequest: { Item: { ...first, ...Object.fromEntries(Object.entries(own).map(([key, S]) => [key, { S }])) } } };
  });
  await call("BatchWriteItem", { RequestItems: { [table]: puts } });
  return count;
}

async function pageOf(system: RunningSystem, call: AwsCall, table: string): Promise<string[]> {
  let units = 0;
  const counting: AwsCall = async (action, input) => {
    const answer = await call(action, { ...input, ReturnConsumedCapacity: "TOTAL" });
    units += answer.ConsumedCapacity?.CapacityUnits ?? 0;
    return answer;
  };
  const { items } = await dynamoRecord(documents(counting), table, systemClock).cards({ groups: ["demo"] }, { limit: pageSize });
  if (items[0]?.name !== nameOf(0) || items.length !== pageSize) throw new Error(`the first page has ${items.length} deployments`);
  const times: number[] = [];
  for (let index = 0; index < asked; index++) {
    const began = performance.now();
    await system.call("GET", `/v1/deployments?limit=${pageSize}`);
    times.push(performance.now() - began);
  }
  return [rounded(units), "8", rounded(median(times))];
}
