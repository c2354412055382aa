import { createHash } from "node:crypto";
import type { ClusterPlace } from "../../domain/deployment.ts";
import { conditionRefused, type DocumentClient } from "../runtime/documents.ts";
import { fieldsOf, type Item, toItem } from "./dynamodb-items.ts";
import { keys } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";

/**
 * Where deployments run, frozen when they are created. A group's deployments in one environment have the same place: it is
 * one item, named by its content and so never changed, and HEAD carries its name. A process reads each once.
 */
export interface Places {
  /** Stores it when nobody has yet, and gives its name. */
  nameOf(place: ClusterPlace): Promise<string>;
  read(name: string): Promise<ClusterPlace>;
}

/** The table, for whoever reads or writes deployments. */
export interface DeploymentTable extends Table {
  places: Places;
}

export function dynamoPlaces(client: DocumentClient, tableName: string): Places {
  const known = new Map<string, ClusterPlace>();
  return {
    async nameOf(place) {
      const name = contentName(place);
      // It is there but for the first deployment at this place: to look is cheaper than to be refused.
      if (!known.has(name) && !(await find(name, false))) await store(name, place);
      known.set(name, place);
      return name;
    },
    async read(name) {
      const place = known.get(name) ?? (await find(name, false)) ?? (await find(name, true));
      if (!place) throw new Error(`the place ${name} that a deployment names is not in the record`);
      known.set(name, place);
      return structuredClone(place);
    },
  };

  async function find(name: string, ConsistentRead: boolean): Promise<ClusterPlace | undefined> {
    const { Item } = await client.get({ TableName: tableName, Key: keys.place(name), ConsistentRead });
    return Item && fieldsOf<ClusterPlace>(Item as Item);
  }

  async function store(name: string, place: ClusterPlace): Promise<void> {
    const Item = toItem(keys.place(name), "PLACE", place);
    const input = { TableName: tableName, Item, ConditionExpression: "attribute_not_exists(pk)" };
    await client.put(input).catch((error: unknown) => {
      if (!conditionRefused(error)) throw error;
    });
  }
}

/** The same for the same content, in whatever order its fields come. */
function contentName(place: ClusterPlace): string {
  const sorted = (_: string, value: unknown) =>
    value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
  return createHash("sha256").update(JSON.stringify(place, sorted)).digest("base64url").slice(0, 16);
}
