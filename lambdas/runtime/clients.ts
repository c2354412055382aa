import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { clientDefaults } from "./client-defaults.ts";

/** One client per service and process, made at cold start. */

/** A plain object with a field `constructor` is a class instance in the SDK's eyes. */
const marshallOptions = { removeUndefinedValues: true, convertClassInstanceToMap: true };

export const documentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults(3_000)), { marshallOptions });
export const stepFunctionsClient = (): SFNClient => new SFNClient(clientDefaults(5_000));
