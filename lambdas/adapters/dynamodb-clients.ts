import type { Client, PreviousToken } from "../../domain/client.ts";
import type { ClientAccess } from "../ports/clients.ts";
import { conditionRefused } from "../runtime/documents.ts";
import { type Item, toItem } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";

/** Two reads of one item each, both consistent: who was removed is refused from that moment on. */
export function dynamoClientAccess(table: Table): ClientAccess {
  return {
    async find(deploymentId, name) {
      const reservation = await readItem(table, keys.reservation(deploymentId), true);
      if (!reservation || reservation.deleted_at !== undefined) return undefined;
      const uid = reservation.uid as string;
      const item = await readItem(table, keys.client(uid, name), true);
      return item && { uid, client: clientOf(item) };
    },
    async noteUse(uid, { name, last_used_at }, at) {
      try {
        await table.client.update({
          TableName: table.name,
          Key: keys.client(uid, name),
          UpdateExpression: "SET last_used_at = :at",
          // An update of what was removed meanwhile would bring a client back that has nothing but a key.
          ConditionExpression: "attribute_exists(pk) AND last_used_at = :before",
          ExpressionAttributeValues: { ":at": at, ":before": last_used_at },
        });
      } catch (error) {
        if (!conditionRefused(error)) throw error;
      }
    },
  };
}

/** `expires_at` is the name by which the table removes items; a client that has expired stays, and is seen to have. */
export const clientItem = (uid: string, { expires_at, ...client }: Client): Item =>
  toItem(keys.client(uid, client.name), "CLIENT", { ...client, ends_at: expires_at });

export const clientOf = (item: Item): Client => ({
  name: item.name as string,
  token_hash: item.token_hash as string,
  created_at: item.created_at as string,
  created_by: item.created_by as string,
  expires_at: item.ends_at as string | null,
  last_used_at: item.last_used_at as string | null,
  previous: item.previous as PreviousToken[],
});
