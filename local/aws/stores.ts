import type { Database } from "../storage/database.ts";
import type { Application } from "../template/application.ts";
import { AlarmStore } from "./cloudwatch/store.ts";
import { LogStore } from "./logs/store.ts";
import { ObjectStore } from "./s3/store.ts";
import { generateSecret, SecretStore } from "./secrets-manager/store.ts";
import { TopicStore } from "./sns/store.ts";
import { QueueStore } from "./sqs/store.ts";

/** What the small services keep, with the template's log groups, buckets, queues, topics, alarms and secrets in it. */
export interface Stores {
  alarms: AlarmStore;
  logs: LogStore;
  objects: ObjectStore;
  queues: QueueStore;
  secrets: SecretStore;
  topics: TopicStore;
  log(group: string, stream: string, lines: string[]): void;
  /** Sends what could not be delivered to a dead-letter queue. */
  sendToQueue(queueArn: string, body: object): void;
}

export function openStores(application: Application, database: Database): Stores {
  const logs = new LogStore(database);
  for (const { ref, properties } of application.ofType("AWS::Logs::LogGroup")) {
    logs.createGroup(ref, (properties.RetentionInDays as number | undefined) ?? null);
  }
  const objects = new ObjectStore(database);
  for (const { ref } of application.ofType("AWS::S3::Bucket")) objects.createBucket(ref);
  const alarms = new AlarmStore(database);
  for (const { ref, properties } of application.ofType("AWS::CloudWatch::Alarm")) {
    alarms.put("MetricAlarm", ref, { ...properties, AlarmName: ref });
  }
  const queueNames = application.ofType("AWS::SQS::Queue").map(({ attributes }) => attributes.QueueName ?? "");
  const queues = new QueueStore(database, queueNames);
  const topics = new TopicStore(
    database,
    application.ofType("AWS::SNS::Topic").map(({ ref }) => ref),
  );
  return {
    ...{ alarms, logs, objects, queues, topics, secrets: templateSecrets(application, database) },
    log: (group, stream, lines) => {
      const events = lines.map((message) => ({ timestamp: Date.now(), message }));
      logs.append(group, stream, events);
    },
    sendToQueue: (queueArn, body) => {
      queues.send(queueArn.split(":").at(-1) ?? "", JSON.stringify(body));
    },
  };
}

/** Generated once for a data folder, as once for a stack. */
function templateSecrets(application: Application, database: Database): SecretStore {
  const secrets = new SecretStore(database);
  for (const { path, properties } of application.ofType("AWS::SecretsManager::Secret")) {
    const { Name, GenerateSecretString: generate } = properties as { Name?: string; GenerateSecretString?: { PasswordLength?: number } };
    if (!Name || !generate) throw new Error(`${path}: the local Secrets Manager makes secrets that have a name and are generated`);
    if (secrets.create(Name)) secrets.put(Name, generateSecret(generate.PasswordLength ?? 32));
  }
  return secrets;
}
