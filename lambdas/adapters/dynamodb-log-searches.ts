import type { LogSearches } from "../ports/log-searches.ts";
import { conditionRefused } from "../runtime/documents.ts";
import { type Item, toItem } from "./dynamodb-items.ts";
import { keys, searchesPartition } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";

/** CloudWatch Logs ends each after an hour. */
const keptSeconds = 2 * 3600;

/** In the record: one small item for each search that is waited for, in a partition of their own. */
export function dynamoLogSearches({ client, name: TableName }: Table): LogSearches {
  const take = async (searchId: string, before: number): Promise<boolean> => {
    const ConditionExpression = "awaited_at < :before";
    const ExpressionAttributeValues = { ":before": before };
    try {
      await client.delete({ TableName, Key: keys.search(searchId), ConditionExpression, ExpressionAttributeValues });
      return true;
    } catch (error) {
      // Somebody has asked for it again, or it is over.
      if (conditionRefused(error)) return false;
      throw error;
    }
  };
  return {
    async await(searchId, at) {
      const fields = { search_id: searchId, awaited_at: at, expires_at: Math.floor(at / 1000) + keptSeconds };
      await client.put({ TableName, Item: toItem(keys.search(searchId), "SEARCH", fields) });
    },
    async forget(searchId) {
      await client.delete({ TableName, Key: keys.search(searchId) });
    },
    async takeLeft(before) {
      const taken: string[] = [];
      let next: Item | undefined;
      do {
        const answer = await client.query({
          TableName,
          KeyConditionExpression: "pk = :searches",
          FilterExpression: "awaited_at < :before",
          ExpressionAttributeValues: { ":searches": searchesPartition, ":before": before },
          ExclusiveStartKey: next,
        });
        for (const { search_id } of answer.Items ?? []) if (await take(search_id, before)) taken.push(search_id);
        next = answer.LastEvaluatedKey;
      } while (next !== undefined);
      return taken;
    },
  };
}
