import { dynamoRecord } from "../../lambdas/adapters/dynamodb-record.ts";
import { lambdaAnswers } from "../../lambdas/adapters/lambda-answers.ts";
import type { RecordStore } from "../../lambdas/ports/record.ts";
import { awsClient } from "../../lambdas/runtime/aws-client.ts";
import { jsonCalls } from "../../lambdas/runtime/aws-json.ts";
import type { AwsService } from "../../lambdas/runtime/aws-surroundings.ts";
import { documents } from "../../lambdas/runtime/documents.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";

/** What the system's AWS knows and its API does not tell, asked for as the person who runs it. */
export interface SystemRecord extends RecordStore {
  /** Item of the events that tell other systems that the first operation of a deployment began, in DynamoDB's own JSON. */
  startedEvent(uid: string): Promise<object>;
  webhookSecret(source: string): Promise<string>;
  /** Begins what a promotion's workflow begins by itself. */
  startExecution(stateMachineArn: string, name: string, input: object): Promise<void>;
  invoke(functionName: string, event: object): Promise<unknown>;
}

const credentials = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
const protocols = {
  DYNAMODB: { version: "1.0", target: "DynamoDB_20120810" },
  SFN: { version: "1.0", target: "AWSStepFunctions" },
  SECRETS_MANAGER: { version: "1.1", target: "secretsmanager" },
} as const satisfies Partial<Record<AwsService, object>>;

export function systemRecord(url: string, tableName: string): SystemRecord {
  const surroundings = { region: "us-east-1", credentials, clock: systemClock, endpointUrl: `${url}/aws` };
  const calls = (service: keyof typeof protocols) => jsonCalls(awsClient(service, surroundings, 30_000), protocols[service]);
  const dynamo = calls("DYNAMODB");
  return {
    ...dynamoRecord(documents(dynamo), tableName, systemClock),
    async startedEvent(uid) {
      const values = { ":type": { S: "EVENT" }, ":uid": { S: uid } };
      const filter = { FilterExpression: "item_type = :type AND uid = :uid", ExpressionAttributeValues: values };
      const { Items = [] } = await dynamo("Scan", { TableName: tableName, ...filter });
      const started = Items.find((item: object) => JSON.stringify(item).includes("Operation Started"));
      if (started === undefined) throw new Error(`no event in ${tableName} tells that deployment ${uid} was started`);
      return started;
    },
    async webhookSecret(source) {
      return (await calls("SECRETS_MANAGER")("GetSecretValue", { SecretId: `slipway/webhooks/${source}` })).SecretString;
    },
    async startExecution(stateMachineArn, name, input) {
      await calls("SFN")("StartExecution", { stateMachineArn, name, input: JSON.stringify(input) });
    },
    invoke: (functionName, event) => lambdaAnswers(functionName, surroundings, 30_000)(event),
  };
}
