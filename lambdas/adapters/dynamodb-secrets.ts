import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { RecordConflict } from "../ports/record.ts";
import type { KeptValues, SecretKey, SecretValues } from "../ports/secrets.ts";
import type { Clock } from "../ports/surroundings.ts";

interface SecretItem {
  values: Record<string, string>;
  kept: KeptValues | null;
}

/**
 * No request lives that long: what is older was left by one that ended before its transaction, and may be overwritten.
 * What is younger may belong to a request that is about to store this very revision, and must not be.
 */
const writingMilliseconds = 60_000;

export function dynamoSecrets(client: DynamoDBDocumentClient, tableName: string, clock: Pick<Clock, "now">): SecretValues {
  const read = async (key: SecretKey) => {
    const answer = await client.send(new GetCommand({ TableName: tableName, Key: itemKey(key), ConsistentRead: true }));
    return answer.Item as SecretItem | undefined;
  };
  return {
    async put(key, values, kept) {
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...itemKey(key), item_type: "SECRET", values, kept: kept ?? null, put_at: clock.now() },
        ConditionExpression: "attribute_not_exists(pk) OR put_at < :left_behind",
        ExpressionAttributeValues: { ":left_behind": clock.now() - writingMilliseconds },
      });
      await client.send(command).catch((error: unknown) => {
        throw error instanceof ConditionalCheckFailedException ? busy(key) : error;
      });
    },
    async discard(key) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: itemKey(key) }));
    },
    async get(key) {
      const values: Record<string, string> = {};
      let wanted: string[] | undefined;
      for (let item = await read(key); item; item = item.kept ? await read({ ...key, revision: item.kept.revision }) : undefined) {
        for (const name of wanted ?? Object.keys(item.values)) if (item.values[name] !== undefined) values[name] ??= item.values[name];
        wanted = item.kept?.names.filter((name) => values[name] === undefined && (!wanted || wanted.includes(name))) ?? [];
        if (wanted.length === 0) break;
      }
      return values;
    },
  };
}

const itemKey = ({ uid, revision, component }: SecretKey) => ({
  pk: `SECRET#${uid}`,
  sk: `REVISION#${String(revision).padStart(6, "0")}#${component}`,
});

const busy = ({ uid, revision }: SecretKey) =>
  new RecordConflict("busy", `another request is storing revision ${revision} of deployment ${uid}`);
