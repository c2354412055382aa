import type { ClusterIndex } from "../ports/record.ts";
import { headOf } from "./dynamodb-head-item.ts";
import { clusterIndexName, keys } from "./dynamodb-keys.ts";
import type { DeploymentTable, Placed } from "./dynamodb-places.ts";
import { readSeveral } from "./dynamodb-read.ts";

export function clusterIndex(table: DeploymentTable): ClusterIndex {
  return {
    async deploymentsIn(cluster) {
      const uids: string[] = [];
      let from: Record<string, unknown> | undefined;
      do {
        const answer = await table.client.query({
          TableName: table.name,
          IndexName: clusterIndexName,
          KeyConditionExpression: "cluster_key = :cluster",
          ExpressionAttributeValues: { ":cluster": cluster },
          ExclusiveStartKey: from,
        });
        uids.push(...(answer.Items ?? []).map(({ uid }) => String(uid)));
        from = answer.LastEvaluatedKey;
      } while (from !== undefined);
      return uids;
    },
    async heads(uids) {
      const found = await readSeveral(table, uids.map(keys.head));
      await table.places.prepare(found as unknown as Placed[]);
      return Promise.all(found.map((item) => headOf(table, item)));
    },
  };
}
