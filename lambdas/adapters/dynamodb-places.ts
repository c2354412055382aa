import { createHash } from "node:crypto";
import type { ClusterPlace } from "../../domain/place.ts";
import type { DocumentClient } from "../runtime/documents.ts";
import { fieldsOf, type Item, toItem } from "./dynamodb-items.ts";
import { keys, prefixes } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { readSeveral } from "./dynamodb-read.ts";
import type { Part } from "./dynamodb-transaction.ts";
import { lanes } from "./lanes.ts";

/**
 * Where deployments run, frozen when they are created. A group's deployments in one environment have the same place: it is
 * one item, named by its content and so never changed, and HEAD carries its name. A process reads each once.
 */
export interface Places {
  nameOf(place: ClusterPlace): string;
  /** To be written together with a deployment at this place; empty when it is there, as it is but for the first one. */
  firstAt(place: ClusterPlace): Promise<Part[]>;
  /** A deployment at this place was written. */
  remember(place: ClusterPlace): void;
  read(name: string): Promise<ClusterPlace>;
  /** Reads together those that are not known yet, before each is asked for. */
  prepare(names: string[]): Promise<void>;
}

/** The table, for whoever reads or writes deployments. */
export interface DeploymentTable extends Table {
  places: Places;
}

export function dynamoPlaces(client: DocumentClient, tableName: string): Places {
  const known = new Map<string, ClusterPlace>();
  /** Deployments that are read together share places: at once, each would ask for its own over a connection of its own. */
  const inTurn = lanes(1);
  return {
    nameOf: contentName,
    async firstAt(place) {
      const name = contentName(place);
      const isThere = known.has(name) || (await find(name, false)) !== undefined;
      return isThere ? [] : [newPlace(name, place)];
    },
    remember: (place) => void known.set(contentName(place), structuredClone(place)),
    async prepare(names) {
      const unknown = [...new Set(names)].filter((name) => !known.has(name));
      if (unknown.length < 2) return;
      for (const item of await readSeveral({ client, name: tableName }, unknown.map(keys.place))) {
        known.set(String(item.sk).slice(prefixes.place.length), fieldsOf<ClusterPlace>(item));
      }
    },
    async read(name) {
      return structuredClone(known.get(name) ?? (await inTurn(() => readOnce(name))));
    },
  };

  async function readOnce(name: string): Promise<ClusterPlace> {
    const place = known.get(name) ?? (await find(name, false)) ?? (await find(name, true));
    if (!place) throw new Error(`the place ${name} that a deployment names is not in the record`);
    known.set(name, place);
    return place;
  }

  async function find(name: string, ConsistentRead: boolean): Promise<ClusterPlace | undefined> {
    const { Item } = await client.get({ TableName: tableName, Key: keys.place(name), ConsistentRead });
    return Item && fieldsOf<ClusterPlace>(Item as Item);
  }

  /** Without a condition: whoever else writes it writes the same. */
  function newPlace(name: string, place: ClusterPlace): Part {
    const refused = () => new Error(`the place ${name} was refused, though nothing was asked of it`);
    return { write: { Put: { TableName: tableName, Item: toItem(keys.place(name), "PLACE", place) } }, refused };
  }
}

/** The same for the same content, in whatever order its fields come. */
function contentName(place: ClusterPlace): string {
  const sorted = (_: string, value: unknown) =>
    value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
  return createHash("sha256").update(JSON.stringify(place, sorted)).digest("base64url").slice(0, 16);
}
