import type { Client } from "../../domain/client.ts";
import type { ClientChange } from "../../domain/decision.ts";
import type { ClientReader } from "../ports/clients.ts";
import { type DeploymentWriter, RecordConflict } from "../ports/record.ts";
import { clientItem, clientOf } from "./dynamodb-clients.ts";
import { deploymentPartition, keys, prefixes } from "./dynamodb-keys.ts";
import { readPage, readRange, type Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";
import type { Part } from "./dynamodb-transaction.ts";
import { setPaths } from "./set-paths.ts";

const rangeOf = (uid: string) => ({ pk: deploymentPartition(uid), begins: prefixes.client, consistent: true });
const perRequest = 25;

export function clientRegister(table: Table): ClientReader & Pick<DeploymentWriter, "removeClients"> {
  return {
    async client(uid, name) {
      const item = await readItem(table, keys.client(uid, name), true);
      return item && clientOf(item);
    },
    clients: (uid, page) => readPage(table, { clients: uid }, rangeOf(uid), page, clientOf),
    async removeClients(uid) {
      for (;;) {
        const { items } = await readRange(table, rangeOf(uid), perRequest, null);
        if (items.length === 0) return;
        await Promise.all(items.map(({ name }) => table.client.delete({ TableName: table.name, Key: keys.client(uid, name as string) })));
      }
    },
  };
}

/** Of a client that is there only the token is written: when it was last used, its authorizer may have noted meanwhile. */
export function clientPart(table: Pick<Table, "name">, uid: string, { before, after }: ClientChange): Part {
  const TableName = table.name;
  const { name } = (after ?? before) as Client;
  const refused = () => new RecordConflict("version", `client ${name} of deployment ${uid} has changed`);
  const Key = keys.client(uid, name);
  if (!after) return { write: { Delete: { TableName, Key, ConditionExpression: "attribute_exists(pk)" } }, refused };
  if (!before)
    return { write: { Put: { TableName, Item: clientItem(uid, after), ConditionExpression: "attribute_not_exists(pk)" } }, refused };
  const update = setPaths([
    [["token_hash"], after.token_hash],
    [["previous"], after.previous],
  ]);
  const ExpressionAttributeValues = { ...update.ExpressionAttributeValues, ":before": before.token_hash };
  const ConditionExpression = "#token_hash = :before";
  return { write: { Update: { TableName, Key, ...update, ConditionExpression, ExpressionAttributeValues } }, refused };
}
