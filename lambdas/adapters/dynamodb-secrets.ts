import type { ComponentSecrets, SecretKey, SecretValues } from "../ports/secrets.ts";
import type { DocumentClient } from "../runtime/documents.ts";

type SecretItem = Pick<ComponentSecrets, "values" | "kept">;

export function dynamoSecrets(client: DocumentClient, tableName: string): SecretValues {
  const read = async (key: SecretKey) => {
    const answer = await client.get({ TableName: tableName, Key: itemKey(key), ConsistentRead: true });
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
      await client.delete({ TableName: tableName, Key: itemKey(key) });
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
