import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { defaultProvider } from "./environment-credentials.ts";

/**
 * One client per service and process, made at cold start. Region, endpoint and credentials come from the environment.
 * Waiting is bounded: the SDK's own default is to wait for ever, which a function would pay for until its time is up.
 */
const shared = (attemptMilliseconds: number) => ({
  credentials: defaultProvider(),
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: attemptMilliseconds, throwOnRequestTimeout: true },
});

export const documentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(shared(3_000)), { marshallOptions: { removeUndefinedValues: true } });
export const stepFunctionsClient = (): SFNClient => new SFNClient(shared(5_000));
export const eventBridgeClient = (): EventBridgeClient => new EventBridgeClient(shared(5_000));
export const storageClient = (): S3Client => new S3Client(shared(10_000));
