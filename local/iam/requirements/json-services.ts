import { AwsError } from "../../aws/error.ts";
import { sageMakerArn } from "../../aws/sagemaker/service.ts";
import { secretArn } from "../../aws/secrets-manager/store.ts";
import type { AwsCall } from "../../aws/service.ts";
import { arn } from "../../template/place.ts";
import type { Requirement } from "../policy.ts";

type Body = Record<string, unknown>;
/** `action` where it is not named as the operation. */
type Resources = (body: Body) => { action?: string; resource: string; context?: Requirement["context"] }[];

const one =
  (resource: (body: Body) => string): Resources =>
  (body) => [{ resource: resource(body) }];
const everything = one(() => "*");

const machine = one((body) => String(body.stateMachineArn));
const execution = one((body) => String(body.executionArn));
const states: Record<string, Resources> = {
  StartExecution: machine,
  ListExecutions: machine,
  DescribeStateMachine: machine,
  StopExecution: execution,
  DescribeExecution: execution,
  GetExecutionHistory: execution,
  DescribeStateMachineForExecution: execution,
  ListStateMachines: everything,
  SendTaskSuccess: everything,
  SendTaskFailure: everything,
  SendTaskHeartbeat: everything,
};

const busArn = (nameOrArn: unknown): string =>
  String(nameOrArn).startsWith("arn:") ? String(nameOrArn) : arn("events", `event-bus/${nameOrArn}`);
const events: Record<string, Resources> = {
  PutEvents: (body) =>
    (body.Entries as Record<string, unknown>[]).map((entry) => ({
      resource: busArn(entry.EventBusName ?? "default"),
      context: { "events:source": [String(entry.Source)], "events:detail-type": [String(entry.DetailType)] },
    })),
  DescribeEventBus: one((body) => busArn(body.Name ?? "default")),
  ListEventBuses: everything,
  ListRules: one((body) => busArn(body.EventBusName ?? "default")),
};

const logGroup = one((body) => String(body.logGroupIdentifier ?? arn("logs", `log-group:${body.logGroupName}:*`)));
const logStream = one((body) => arn("logs", `log-group:${body.logGroupName}:log-stream:${body.logStreamName}`));
const logs: Record<string, Resources> = {
  CreateLogGroup: logGroup,
  CreateLogStream: logStream,
  PutLogEvents: logStream,
  GetLogEvents: logStream,
  DescribeLogStreams: logGroup,
  FilterLogEvents: logGroup,
  StartQuery: (body) =>
    [body.logGroupNames ?? body.logGroupIdentifiers ?? body.logGroupName].flat().map((name) => ({
      resource: String(name).startsWith("arn:") ? String(name) : arn("logs", `log-group:${name}:*`),
    })),
  GetQueryResults: everything,
  StopQuery: everything,
  DescribeLogGroups: one(() => arn("logs", "log-group:*")),
};

const queue = one((body) => arn("sqs", String(body.QueueUrl).split("/").at(-1) ?? ""));
const queueTo =
  (action: string): Resources =>
  (body) =>
    queue(body).map((needed) => ({ action: `sqs:${action}`, ...needed }));
const sqs: Record<string, Resources> = {
  SendMessage: queue,
  SendMessageBatch: queueTo("SendMessage"),
  ChangeMessageVisibility: queue,
  ChangeMessageVisibilityBatch: queueTo("ChangeMessageVisibility"),
  DeleteMessageBatch: queueTo("DeleteMessage"),
  ReceiveMessage: queue,
  DeleteMessage: queue,
  PurgeQueue: queue,
  GetQueueAttributes: queue,
  GetQueueUrl: one((body) => arn("sqs", String(body.QueueName))),
  ListQueues: everything,
};

const secret = one(({ SecretId, Name }) => {
  const id = String(SecretId ?? Name);
  return id.startsWith("arn:") ? id : secretArn(id);
});
const secretsmanager: Record<string, Resources> = {
  CreateSecret: secret,
  PutSecretValue: secret,
  GetSecretValue: secret,
  DescribeSecret: secret,
  ListSecrets: everything,
};

const job = one(({ TrainingJobName }) => sageMakerArn("training-job", TrainingJobName));
const modelPackage = one(({ ModelPackageName, ModelPackageArn, ModelPackageGroupName }) =>
  sageMakerArn("model-package", ModelPackageName ?? ModelPackageArn ?? `${ModelPackageGroupName}/*`),
);
const sagemaker: Record<string, Resources> = {
  CreateTrainingJob: job,
  DescribeTrainingJob: job,
  CreateModelPackage: modelPackage,
  UpdateModelPackage: modelPackage,
  DescribeModelPackage: modelPackage,
};

const services: Record<string, Record<string, Resources>> = { states, events, logs, sqs, sagemaker, secretsmanager };
export const isJsonService = (service: string): boolean => Object.hasOwn(services, service);

/** What a call of a service with a JSON protocol needs. */
export function jsonServiceRequirements(call: AwsCall): Requirement[] {
  if (call.action === null)
    throw new AwsError(
      "UnknownOperationException",
      `The local ${call.service} speaks JSON, with X-Amz-Target: use an SDK of 2024 or later`,
    );
  const resources = services[call.service]?.[call.action];
  if (resources === undefined) {
    throw new AwsError(
      "UnknownOperationException",
      `The local runtime does not know ${call.service}:${call.action} (local/iam/requirements/json-services.ts)`,
    );
  }
  const body = JSON.parse(call.body.toString("utf8") || "{}") as Body;
  return resources(body).map((needed) => ({ action: `${call.service}:${call.action}`, ...needed }));
}
