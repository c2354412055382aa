import type { RecordStore } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { DocumentClient } from "../runtime/documents.ts";
import { clusterIndex } from "./dynamodb-cluster-index.ts";
import { deploymentWriter } from "./dynamodb-commit.ts";
import { deploymentsReader } from "./dynamodb-deployments-reader.ts";
import { groupNames } from "./dynamodb-groups.ts";
import { operationProgress } from "./dynamodb-operation-progress.ts";
import { dynamoPlaces } from "./dynamodb-places.ts";
import { registry } from "./dynamodb-registry.ts";
import { vouching } from "./dynamodb-watches.ts";

/**
 * The record on DynamoDB. One table; every write is conditional; lists are queries, never scans. Who stores revisions
 * names the table of their secret values too.
 */
export function dynamoRecord(client: DocumentClient, tableName: string, clock: Pick<Clock, "now">, secretsTableName?: string): RecordStore {
  const table = { client, name: tableName, places: dynamoPlaces(client, tableName) };
  const groups = groupNames(table);
  return {
    ...deploymentsReader(table, clock),
    ...vouching(table, clock),
    ...deploymentWriter(table, clock, groups, secretsTableName),
    ...operationProgress(table),
    ...registry(table, clock, groups),
    ...clusterIndex(table),
  };
}
