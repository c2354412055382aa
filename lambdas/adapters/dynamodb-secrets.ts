import { DeleteCommand, type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { ComponentSecrets, SecretKey, SecretValues } from "../ports/secrets.ts";

type SecretItem = Pick<ComponentSecrets, "values" | "kept">;

export function dynamoSecrets(client: DynamoDBDocumentClient, tableName: string): SecretValues {
  const read = async (key: SecretKey) => {
    const answer = await client.send(new GetCommand({ TableName: tableName, Key: itemKey(key), ConsistentRead: true }));
    return answer.Item as SecretItem | undefined;
  };
  return {
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
    async forget(key) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: itemKey(key) }));
    },
  };
}

/** As it lies in the table, to be put by the transaction that stores the revision. */
export function secretItem(uid: string, revision: number, { component, values, kept }: ComponentSecrets) {
  return { ...itemKey({ uid, revision, component }), item_type: "SECRET", values, kept };
}

const itemKey = ({ uid, revision, component }: SecretKey) => ({
  pk: `SECRET#${uid}`,
  sk: `REVISION#${String(revision).padStart(6, "0")}#${component}`,
});
