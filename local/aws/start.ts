import { AsyncInvocations } from "../functions/async-invocations.ts";
import { type Functions, startFunctions } from "../functions/start.ts";
import { Permissions } from "../iam/permissions.ts";
import type { TableKeys } from "../iam/requirements/dynamodb.ts";
import { Roles } from "../iam/roles.ts";
import type { Database } from "../storage/database.ts";
import { Deliveries } from "../storage/deliveries.ts";
import { StreamConsumer } from "../streams/consumer.ts";
import { readMappings } from "../streams/mapping.ts";
import type { Application } from "../template/application.ts";
import { Credentials } from "./credentials.ts";
import { EngineClient } from "./dynamodb/client.ts";
import { expireItems } from "./dynamodb/expiry.ts";
import { dynamodbService } from "./dynamodb/service.ts";
import { createTables, type Table } from "./dynamodb/tables.ts";
import { type ClusterAddress, eksService } from "./eks/service.ts";
import { awsEndpoint, type HttpHandler } from "./endpoint.ts";
import { EventBuses } from "./events/bus.ts";
import { readRules } from "./events/rules.ts";
import { eventsService } from "./events/service.ts";
import { lambdaService } from "./lambda/service.ts";
import { logsService } from "./logs/service.ts";
import { LogStore } from "./logs/store.ts";
import { s3Service } from "./s3/service.ts";
import { ObjectStore } from "./s3/store.ts";
import type { AwsService } from "./service.ts";
import { sqsService } from "./sqs/service.ts";
import { QueueStore } from "./sqs/store.ts";
import { stsService } from "./sts/service.ts";

export interface AwsOptions {
  application: Application;
  origin: string;
  database: Database;
  /** Address of the DynamoDB engine. */
  engineUrl: string;
  /** Asked for when a function looks for its cluster. */
  cluster(): ClusterAddress;
  startExecution(machineArn: string, input: unknown): void;
  onDenied(message: string): void;
}

export interface Aws {
  endpoint: HttpHandler;
  functions: Functions;
  roles: Roles;
  permissions: Permissions;
  credentials: Credentials;
  buses: EventBuses;
  /** By name in the credential scope; Step Functions joins them when it has started. */
  services: Record<string, AwsService>;
  /** Streams, schedules and deliveries begin to move. */
  run(): void;
  stop(): Promise<void>;
}

const housekeepingMilliseconds = 600_000;

/** Everything of AWS that the template asks for, but Step Functions and the APIs. */
export async function startAws(options: AwsOptions): Promise<Aws> {
  const { application, origin, database, engineUrl } = options;
  const roles = new Roles(application);
  const permissions = new Permissions(application);
  const credentials = new Credentials();
  const logs = readLogGroups(application, database);
  const queues = new QueueStore(
    database,
    application.ofType("AWS::SQS::Queue").map(({ attributes }) => attributes.QueueName ?? ""),
  );
  const objects = readBuckets(application, database);
  const engine = new EngineClient(engineUrl);
  const tables = await createTables(application, engine);

  const log = (group: string, stream: string, lines: string[]): void =>
    logs.append(
      group,
      stream,
      lines.map((message) => ({ timestamp: Date.now(), message })),
    );
  const functions = startFunctions({ application, roles, credentials, awsEndpoint: `${origin}/aws`, log });
  const deliveries = new Deliveries(database);
  const sendToQueue = (queueArn: string, body: object): void => void queues.send(queueArn.split(":").at(-1) ?? "", JSON.stringify(body));
  const invocations = new AsyncInvocations(application, functions, deliveries, sendToQueue);
  const busNames = ["default", ...application.ofType("AWS::Events::EventBus").map(({ attributes }) => attributes.Name ?? "")];
  const buses = new EventBuses({
    buses: busNames,
    rules: readRules(application, permissions, roles),
    ...{ database, deliveries, invocations, sendToQueue, startExecution: options.startExecution },
    record: (bus, event) => {
      logs.createGroup(`/aws/events/${bus}`, 7);
      log(`/aws/events/${bus}`, "events", [JSON.stringify(event)]);
    },
  });
  const consumers = await streamConsumers(application, tables, engine, { database, sendToQueue, invoke: functions.invoke });

  const services: Record<string, AwsService> = {
    dynamodb: dynamodbService(engineUrl, () => {
      for (const consumer of consumers) consumer.wake();
    }),
    eks: eksService(options.cluster),
    events: eventsService(buses, busNames),
    lambda: lambdaService(functions, invocations),
    logs: logsService(logs),
    s3: s3Service(objects),
    sqs: sqsService(queues, origin),
    sts: stsService(credentials),
  };
  let housekeeping: NodeJS.Timeout | undefined;
  return {
    endpoint: awsEndpoint({ credentials, roles, tableKeys: keysOf(tables), services, onDenied: options.onDenied }),
    ...{ functions, roles, permissions, credentials, buses, services },
    run: () => {
      for (const consumer of consumers) consumer.start();
      deliveries.resume();
      buses.startSchedules();
      housekeeping = setInterval(() => void keepHouse(tables, engine, logs), housekeepingMilliseconds);
      void keepHouse(tables, engine, logs);
    },
    stop: async () => {
      clearInterval(housekeeping);
      buses.stop();
      const delivered = deliveries.stop();
      const consumed = consumers.map((consumer) => consumer.stop());
      await functions.stop();
      await Promise.all([delivered, ...consumed]);
    },
  };
}

function readLogGroups(application: Application, database: Database): LogStore {
  const logs = new LogStore(database);
  for (const { ref, properties } of application.ofType("AWS::Logs::LogGroup"))
    logs.createGroup(ref, (properties.RetentionInDays as number | undefined) ?? null);
  return logs;
}

function readBuckets(application: Application, database: Database): ObjectStore {
  const objects = new ObjectStore(database);
  for (const { ref } of application.ofType("AWS::S3::Bucket")) objects.createBucket(ref);
  return objects;
}

const keysOf = (tables: Table[]): TableKeys =>
  new Map(tables.flatMap(({ name, key_arn }) => (key_arn === null ? [] : [[name, key_arn] as const])));

async function streamConsumers(
  application: Application,
  tables: Table[],
  engine: EngineClient,
  shared: Pick<ConstructorParameters<typeof StreamConsumer>[0], "database" | "invoke" | "sendToQueue">,
): Promise<StreamConsumer[]> {
  return Promise.all(
    readMappings(application).map(async (mapping) => {
      const table = tables.find(({ template_stream_arn }) => template_stream_arn === mapping.stream_arn);
      if (table === undefined)
        throw new Error(`An event source mapping reads ${mapping.stream_arn}, which is the stream of no table of the template`);
      const { Table: described } = await engine.table<{ Table: { LatestStreamArn: string } }>("DescribeTable", { TableName: table.name });
      return new StreamConsumer({ mapping, engine, engine_stream_arn: described.LatestStreamArn, ...shared });
    }),
  );
}

/** What AWS does on its own some time after it is due. */
async function keepHouse(tables: Table[], engine: EngineClient, logs: LogStore): Promise<void> {
  try {
    logs.expire(Date.now());
    for (const table of tables) await expireItems(table, engine, Math.floor(Date.now() / 1000));
  } catch (error) {
    console.error("Removing what has expired failed and will be tried again:", error);
  }
}
