import { localCluster } from "../configuration.ts";
import { AsyncInvocations } from "../functions/async-invocations.ts";
import type { InvocationRecord } from "../functions/deployed-function.ts";
import { type Functions, startFunctions } from "../functions/start.ts";
import { Permissions } from "../iam/permissions.ts";
import type { TableKeys } from "../iam/requirements/dynamodb.ts";
import { Roles } from "../iam/roles.ts";
import type { Database } from "../storage/database.ts";
import { Deliveries } from "../storage/deliveries.ts";
import { streamConsumers } from "../streams/start.ts";
import type { Application } from "../template/application.ts";
import { cloudFormationService } from "./cloudformation/service.ts";
import { cloudwatchService } from "./cloudwatch/service.ts";
import { Credentials } from "./credentials.ts";
import { EngineClient } from "./dynamodb/client.ts";
import { dynamodbService } from "./dynamodb/service.ts";
import { createTables, type Table } from "./dynamodb/tables.ts";
import { type ClusterAddress, eksService } from "./eks/service.ts";
import { awsEndpoint, type CallRecord, type HttpHandler } from "./endpoint.ts";
import { EventBuses } from "./events/bus.ts";
import { readRules } from "./events/rules.ts";
import { eventsService } from "./events/service.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { lambdaService } from "./lambda/service.ts";
import { type ContainerInsights, containerInsights } from "./logs/container-insights.ts";
import { logsService } from "./logs/service.ts";
import type { LogLine } from "./logs/store.ts";
import { s3Service } from "./s3/service.ts";
import { sageMakerService } from "./sagemaker/service.ts";
import { secretsManagerService } from "./secrets-manager/service.ts";
import type { AwsService } from "./service.ts";
import { deliverNotices } from "./sns/deliver.ts";
import { MessageSigner } from "./sns/message.ts";
import { publicWay } from "./sns/public-way.ts";
import { Topics } from "./sns/service.ts";
import { sqsService } from "./sqs/service.ts";
import { openStores, type Stores } from "./stores.ts";
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
  /** Told of each call of a service; calls of DynamoDB are metered then. */
  onCall?: ((call: CallRecord) => void) | undefined;
  onInvocation?: ((invocation: InvocationRecord) => void) | undefined;
}

export interface Aws {
  endpoint: HttpHandler;
  functions: Functions;
  roles: Roles;
  permissions: Permissions;
  credentials: Credentials;
  /** Where subscribers of topics confirm, without a signature. */
  subscriptions: HttpHandler;
  /** Takes what containers write. */
  containerInsights: ContainerInsights;
  /** Adds to a stream of a log group, which is made when it is new. */
  keepLines(group: string, stream: string, lines: LogLine[]): void;
  buses: EventBuses;
  /** By name in the credential scope; Step Functions joins them when it has started. */
  services: Record<string, AwsService>;
  /** Streams, schedules and deliveries begin to move. */
  run(): void;
  stop(): Promise<void>;
}

/** Everything of AWS that the template asks for, but Step Functions and the APIs. */
export async function startAws(options: AwsOptions): Promise<Aws> {
  const { application, origin, database, engineUrl, onCall, onInvocation } = options;
  const roles = new Roles(application);
  const permissions = new Permissions(application);
  const credentials = new Credentials();
  const stores = openStores(application, database);
  const { log, sendToQueue } = stores;
  const engine = new EngineClient(engineUrl);
  const tables = await createTables(application, engine);

  const functions = startFunctions({ application, roles, credentials, awsEndpoint: `${origin}/aws`, log, onInvocation });
  const deliveries = new Deliveries(database);
  const invocations = new AsyncInvocations(application, { functions, roles, deliveries, sendToQueue });
  const { topics, subscriptions } = openTopics(stores, deliveries, `${origin}/sns`);
  const names = ["default", ...application.ofType("AWS::Events::EventBus").map(({ attributes }) => attributes.Name ?? "")];
  const rules = readRules(application, permissions, roles);
  const buses = new EventBuses({
    ...{ names, rules, database, deliveries, invocations, sendToQueue, startExecution: options.startExecution },
    publish: (topic, message) => topics.publish({ topic, message }),
    record: (bus, event) => {
      stores.logs.createGroup(`/aws/events/${bus}`, 7);
      log(`/aws/events/${bus}`, "events", [JSON.stringify(event)]);
    },
  });
  const consumers = await streamConsumers({ application, tables, engine, database, functions, roles, sendToQueue });
  const wakeConsumers = (): void => {
    for (const consumer of consumers) consumer.wake();
  };

  const services: Record<string, AwsService> = {
    cloudformation: cloudFormationService(application),
    dynamodb: dynamodbService(engineUrl, { onWrite: wakeConsumers, metered: onCall !== undefined }),
    eks: eksService(options.cluster, application),
    events: eventsService(buses, names),
    lambda: lambdaService(functions, invocations),
    logs: logsService(stores.logs),
    monitoring: cloudwatchService(stores.alarms),
    s3: s3Service(stores.objects),
    sagemaker: sageMakerService(database),
    secretsmanager: secretsManagerService(stores.secrets),
    sns: topics,
    sqs: sqsService(stores.queues, origin),
    sts: stsService(credentials),
  };
  let stopHousekeeping = (): void => {};
  return {
    endpoint: awsEndpoint({ credentials, roles, tableKeys: keysOf(tables), services, onDenied: options.onDenied, onCall }),
    ...{ functions, roles, permissions, credentials, buses, services, subscriptions },
    containerInsights: containerInsights(stores.logs, localCluster),
    keepLines: (group, stream, lines) => stores.logs.append(group, stream, lines),
    run: () => {
      for (const consumer of consumers) consumer.start();
      deliveries.resume();
      buses.startSchedules();
      stopHousekeeping = startHousekeeping(tables, engine, stores.logs);
    },
    stop: async () => {
      stopHousekeeping();
      buses.stop();
      // Told before the functions end: what they break off then is no failure, and is taken up at the next start.
      const settled = [deliveries.stop(), ...consumers.map((consumer) => consumer.stop())];
      await functions.stop();
      await Promise.all(settled);
    },
  };
}

function openTopics({ topics: store, queues }: Stores, deliveries: Deliveries, publicUrl: string) {
  const signer = new MessageSigner(`${publicUrl}/certificate.pem`);
  const deliver = deliverNotices({ store, signer, queues, deliveries });
  const topics = new Topics({ store, deliver, queues: queues.names, publicUrl });
  return { topics, subscriptions: publicWay({ topics, store, signer }) };
}

const keysOf = (tables: Table[]): TableKeys =>
  new Map(tables.map(({ name, keys, key_arn }) => [name, { partition: keys[0] ?? "", key_arn }]));
