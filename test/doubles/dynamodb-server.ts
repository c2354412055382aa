import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { awsClient } from "../../lambdas/runtime/aws-client.ts";
import { type AwsCall, jsonCalls } from "../../lambdas/runtime/aws-json.ts";
import { type DocumentClient, documents } from "../../lambdas/runtime/documents.ts";
import { listedAttributes } from "../../lambdas/runtime/settings.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";

/** A DynamoDB of the test's own: in memory, on a free port of the loopback. */
export interface DynamoServer {
  client: DocumentClient;
  /** Read units and write units of every call since the last time it was asked. */
  consumed(): { read: number; write: number; calls: string[] };
  createRecordTable(name: string): Promise<void>;
  /** With keys and nothing else, as the tables of secrets and of metrics. */
  createTable(name: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDynamoServer(): Promise<DynamoServer> {
  const port = await freePort();
  const child = spawn(binary(), ["--port", String(port)], { stdio: "ignore" });
  const plain = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { call, consumed } = measured(callsTo(`http://127.0.0.1:${port}`));
  await listening(port, child);
  return {
    client: documents(call),
    consumed,
    createRecordTable: async (name) => {
      await plain.send(recordTable(name));
      const TimeToLiveSpecification = { AttributeName: "expires_at", Enabled: true };
      await plain.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
    },
    createTable: async (name) => {
      await plain.send(new CreateTableCommand({ TableName: name, BillingMode: "PAY_PER_REQUEST", ...keySchema }));
    },
    stop: async () => {
      plain.destroy();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const keySchema = {
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" as const },
    { AttributeName: "sk", AttributeType: "S" as const },
  ],
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" as const },
    { AttributeName: "sk", KeyType: "RANGE" as const },
  ],
};

const recordTable = (name: string) =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    ...keySchema,
    AttributeDefinitions: [
      ...keySchema.AttributeDefinitions,
      { AttributeName: "cluster_key", AttributeType: "S" },
      { AttributeName: "uid", AttributeType: "S" },
      { AttributeName: "group", AttributeType: "S" },
      { AttributeName: "listed_name", AttributeType: "S" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-cluster",
        KeySchema: [
          { AttributeName: "cluster_key", KeyType: "HASH" },
          { AttributeName: "uid", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "KEYS_ONLY" },
      },
      {
        IndexName: "by-group",
        KeySchema: [
          { AttributeName: "group", KeyType: "HASH" },
          { AttributeName: "listed_name", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: [...listedAttributes] },
      },
    ],
  });

function callsTo(endpointUrl: string): AwsCall {
  const credentials = async () => ({ accessKeyId: "test", secretAccessKey: "test" });
  const client = awsClient("DYNAMODB", { region: "us-east-1", credentials, clock: systemClock, endpointUrl }, 3_000);
  return jsonCalls(client, { version: "1.0", target: "DynamoDB_20120810" });
}

const readingCalls = new Set(["GetItem", "BatchGetItem", "Query"]);

/** Asks every call for what it consumed; DynamoDB counts it as the bill does. */
function measured(call: AwsCall): { call: AwsCall; consumed: DynamoServer["consumed"] } {
  let seen: { call: string; units: number }[] = [];
  const counting: AwsCall = async (action, input) => {
    const answer = await call(action, { ...input, ReturnConsumedCapacity: "TOTAL" }).catch((error: unknown) => {
      // A refused write is billed too; the service does not say how much.
      seen.push({ call: `${action} refused`, units: 0 });
      throw error;
    });
    const consumed: Capacity[] = [answer.ConsumedCapacity ?? []].flat();
    seen.push({ call: action, units: consumed.reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0) });
    return answer;
  };
  const consumed = () => {
    const counted = seen;
    seen = [];
    const sum = (reading: boolean) =>
      counted.filter(({ call }) => readingCalls.has(call) === reading).reduce((total, { units }) => total + units, 0);
    return { read: sum(true), write: sum(false), calls: counted.map(({ call }) => call) };
  };
  return { call: counting, consumed };
}
interface Capacity {
  CapacityUnits?: number;
}

// cspell:ignore dynoxide
/** `AWS_ENDPOINT_URL_DYNAMODB` is not used here on purpose: a test's tables are its own. */
function binary(): string {
  return join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  let exited: number | null | undefined;
  child.once("exit", (code) => {
    exited = code;
  });
  const { connect } = await import("node:net");
  for (;;) {
    if (exited !== undefined) throw new Error(`the DynamoDB server ended with ${exited} before it listened on port ${port}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
