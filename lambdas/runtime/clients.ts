import { awsClient } from "./aws-client.ts";
import { type AwsCall, type JsonProtocol, jsonCalls } from "./aws-json.ts";
import { type AwsService, awsSurroundings } from "./aws-surroundings.ts";
import { type DocumentClient, documents } from "./documents.ts";

/** One client per service and process, made at cold start. An attempt's time is bounded: the function would pay for waiting. */

function calls(service: AwsService, protocol: JsonProtocol, attemptMilliseconds: number): AwsCall {
  return jsonCalls(awsClient(service, awsSurroundings(service), attemptMilliseconds), protocol);
}

export const documentClient = (): DocumentClient => documents(calls("DYNAMODB", { version: "1.0", target: "DynamoDB_20120810" }, 3_000));
export const stepFunctionsClient = (): AwsCall => calls("SFN", { version: "1.0", target: "AWSStepFunctions" }, 5_000);
export const eventBridgeClient = (): AwsCall => calls("EVENTBRIDGE", { version: "1.1", target: "AWSEvents" }, 5_000);
export const cloudWatchClient = (): AwsCall => calls("CLOUDWATCH", { version: "1.0", target: "GraniteServiceVersion20100801" }, 5_000);
export const secretsManagerClient = (): AwsCall => calls("SECRETS_MANAGER", { version: "1.1", target: "secretsmanager" }, 3_000);
export const sageMakerClient = (): AwsCall => calls("SAGEMAKER", { version: "1.1", target: "SageMaker" }, 5_000);
export const logsClient = (): AwsCall => calls("CLOUDWATCH_LOGS", { version: "1.1", target: "Logs_20140328" }, 10_000);
