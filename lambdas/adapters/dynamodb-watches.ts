import type { UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { nobodyWatches, stillSeen, type Watch } from "../../domain/freshness.ts";
import type { DeploymentReader } from "../ports/record.ts";
import type { Clock } from "../ports/surroundings.ts";
import type { Watches } from "../ports/watches.ts";
import { conditionRefused, type DocumentClient } from "../runtime/documents.ts";
import { fieldsOf, type Item } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { readItem } from "./dynamodb-read.ts";

/** On DynamoDB: one item for each cluster, under a partition of its own. */
export function dynamoWatches(client: DocumentClient, tableName: string): Watches {
  const update = async (cluster: string, change: Omit<UpdateCommandInput, "TableName" | "Key">): Promise<Watch | undefined> => {
    const input: UpdateCommandInput = { TableName: tableName, Key: keys.watch(cluster), ReturnValues: "ALL_NEW", ...change };
    try {
      return watchOf((await client.update(input)).Attributes);
    } catch (error) {
      if (conditionRefused(error)) return undefined;
      throw error;
    }
  };
  return {
    // Consistently: a run that starts is to meet no lease that is over, and miss none that is not.
    find: (cluster) => readWatch(client, tableName, cluster, true),
    tellLook: (cluster, at, notAfter) =>
      update(cluster, {
        UpdateExpression: "SET looked_at = :at",
        ConditionExpression: "attribute_not_exists(looked_at) OR looked_at < :not_after",
        ExpressionAttributeValues: { ":at": at, ":not_after": notAfter },
      }),
    hold: (cluster, { holder, now, until, seen }) =>
      update(cluster, {
        UpdateExpression: `SET holder = :holder, #until = :until${seen ? ", seen_at = :seen_at, behind = :behind" : ""}`,
        ConditionExpression: "attribute_not_exists(holder) OR holder = :holder OR #until <= :now",
        ExpressionAttributeNames: { "#until": "until" },
        ExpressionAttributeValues: {
          ...{ ":holder": holder, ":until": until, ":now": now },
          ...(seen && { ":seen_at": seen.at, ":behind": seen.behind }),
        },
      }),
    async release(cluster, holder) {
      await update(cluster, {
        UpdateExpression: "REMOVE holder, #until",
        ConditionExpression: "holder = :holder",
        ExpressionAttributeNames: { "#until": "until" },
        ExpressionAttributeValues: { ":holder": holder },
      });
    },
  };
}

/** What was seen within this time needs nobody to vouch for it; and nobody is asked again within it. */
const recentMilliseconds = 10_000;
/** A word that is older says less, and nothing wrong. */
const passableMilliseconds = 60_000;

/** One item for all deployments of a cluster says that nothing has changed there: half a unit, at most each ten seconds. */
export function vouching({ client, name }: Table, clock: Pick<Clock, "now">): Pick<DeploymentReader, "stillSeen"> {
  const known = new Map<string, { watch: Promise<Watch>; at: number }>();
  const watchOver = (cluster: string, longest: number): Promise<Watch> => {
    const last = known.get(cluster);
    if (last && clock.now() - last.at < longest) return last.watch;
    const watch = readWatch(client, name, cluster, false);
    known.set(cluster, { watch, at: clock.now() });
    watch.catch(() => known.delete(cluster));
    return watch;
  };
  return {
    async stillSeen(head, observed, hasPaid = false) {
      if (!observed || clock.now() - Date.parse(observed.observed_at) < recentMilliseconds) return observed;
      return stillSeen(head, observed, await watchOver(head.place.cluster, hasPaid ? passableMilliseconds : recentMilliseconds));
    },
  };
}

async function readWatch(client: DocumentClient, tableName: string, cluster: string, consistent: boolean): Promise<Watch> {
  return watchOf(await readItem({ client, name: tableName }, keys.watch(cluster), consistent));
}

const watchOf = (item: Item | undefined): Watch => ({ ...nobodyWatches, ...(item && fieldsOf<Partial<Watch>>(item)) });
