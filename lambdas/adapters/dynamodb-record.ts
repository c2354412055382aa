import type { RecordStore } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { DocumentClient } from "../runtime/documents.ts";
import { clientRegister } from "./dynamodb-client-register.ts";
import { clusterIndex } from "./dynamodb-cluster-index.ts";
import { deploymentWriter } from "./dynamodb-commit.ts";
import { deploymentsReader } from "./dynamodb-deployments-reader.ts";
import { groupNames } from "./dynamodb-groups.ts";
import { operationProgress } from "./dynamodb-operation-progress.ts";
import { type ConfiguredPlace, dynamoPlaces } from "./dynamodb-places.ts";
import { registry } from "./dynamodb-registry.ts";
import { vouching } from "./dynamodb-watches.ts";

export interface KnownBeside {
  /** Where secret values are kept: of whoever stores revisions. */
  secretsTableName?: string;
  /** Of whoever has the configuration: what it gives is not read. */
  configured?: ConfiguredPlace;
}

/** The record on DynamoDB. One table; every write is conditional; lists are queries, never scans. */
export function dynamoRecord(
  client: DocumentClient,
  tableName: string,
  clock: Pick<Clock, "now">,
  { secretsTableName, configured }: KnownBeside = {},
): RecordStore {
  const table = { client, name: tableName, places: dynamoPlaces(client, tableName, configured) };
  const groups = groupNames(table);
  return {
    ...deploymentsReader(table, clock),
    ...vouching(table, clock),
    ...clientRegister(table),
    ...deploymentWriter(table, clock, groups, secretsTableName),
    ...operationProgress(table),
    ...registry(table, clock, groups),
    ...clusterIndex(table),
  };
}
