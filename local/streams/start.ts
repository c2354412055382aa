import type { EngineClient } from "../aws/dynamodb/client.ts";
import type { Table } from "../aws/dynamodb/tables.ts";
import type { Functions } from "../functions/start.ts";
import type { Roles } from "../iam/roles.ts";
import { requireGrants } from "../iam/service-roles.ts";
import type { Database } from "../storage/database.ts";
import type { Application } from "../template/application.ts";
import { StreamConsumer } from "./consumer.ts";
import { readMappings, type StreamMapping } from "./mapping.ts";

export interface StreamsOptions {
  application: Application;
  tables: Table[];
  engine: EngineClient;
  database: Database;
  functions: Functions;
  roles: Roles;
  sendToQueue(queueArn: string, body: object): void;
}

const reading = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];

/** One consumer for each event source mapping. Errors: a mapping that its function's role may not carry out. */
export async function streamConsumers(options: StreamsOptions): Promise<StreamConsumer[]> {
  return Promise.all(readMappings(options.application).map((mapping) => consumer(mapping, options)));
}

async function consumer(
  mapping: StreamMapping,
  { tables, engine, database, functions, roles, sendToQueue }: StreamsOptions,
): Promise<StreamConsumer> {
  const what = `The event source mapping of ${mapping.function_name}`;
  const table = tables.find(({ template_stream_arn }) => template_stream_arn === mapping.stream_arn);
  const role = functions.configurations.find(({ name }) => name === mapping.function_name)?.role_arn;
  if (table === undefined) throw new Error(`${what} reads ${mapping.stream_arn}, which is the stream of no table of the template`);
  if (role === undefined) throw new Error(`${what} names no function of the template`);
  requireGrants(roles, role, reading, mapping.stream_arn, what);
  if (mapping.on_failure !== null) requireGrants(roles, role, ["sqs:SendMessage"], mapping.on_failure, what);
  const { Table: described } = await engine.table<{ Table: { LatestStreamArn: string } }>("DescribeTable", { TableName: table.name });
  return new StreamConsumer({
    mapping,
    engine,
    engine_stream_arn: described.LatestStreamArn,
    database,
    sendToQueue,
    invoke: functions.invoke,
  });
}
