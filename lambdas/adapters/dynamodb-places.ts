import { hash } from "node:crypto";
import type { ClusterPlace } from "../../domain/place.ts";
import type { DocumentClient } from "../runtime/documents.ts";
import { fieldsOf, toItem } from "./dynamodb-items.ts";
import { keys, prefixes } from "./dynamodb-keys.ts";
import type { Table } from "./dynamodb-query.ts";
import { readItem, readSeveral } from "./dynamodb-read.ts";
import type { Part } from "./dynamodb-transaction.ts";
import { lanes } from "./lanes.ts";

/**
 * Where deployments run, frozen when they are created. A group's deployments in one environment have the same place: it is
 * one item, named by its content and so never changed, and HEAD carries its name. A process reads each once, and none that
 * its own configuration gives: what has the name has the content.
 */
export interface Places {
  nameOf(place: ClusterPlace): string;
  /** To be written together with a deployment at this place; empty when it is there, as it is but for the first one. */
  firstAt(place: ClusterPlace): Promise<Part[]>;
  /** A deployment at this place was written. */
  remember(place: ClusterPlace): void;
  read(deployment: Placed): Promise<ClusterPlace>;
  /** Reads together those that are not known yet, before each is asked for. */
  prepare(deployments: Placed[]): Promise<void>;
}

/** What HEAD says of where it is. */
export interface Placed {
  place: string;
  group: string;
  environment: string;
}

/** Where the configuration would have a deployment be that was created now. */
export type ConfiguredPlace = (of: Pick<Placed, "group" | "environment">) => ClusterPlace | undefined;

/** The table, for whoever reads or writes deployments. */
export interface DeploymentTable extends Table {
  places: Places;
}

export function dynamoPlaces(client: DocumentClient, tableName: string, configured: ConfiguredPlace = () => undefined): Places {
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
    async prepare(deployments) {
      const unknown = [...new Set(deployments.filter((each) => !knownPlace(each)).map(({ place }) => place))];
      if (unknown.length < 2) return;
      for (const item of await readSeveral({ client, name: tableName }, unknown.map(keys.place))) {
        known.set(String(item.sk).slice(prefixes.place.length), fieldsOf<ClusterPlace>(item));
      }
    },
    async read(deployment) {
      return structuredClone(knownPlace(deployment) ?? (await inTurn(() => readOnce(deployment.place))));
    },
  };

  /** One that a deployment names was written with it, or before. */
  function knownPlace({ place: name, ...of }: Placed): ClusterPlace | undefined {
    const before = known.get(name);
    const place = before ?? configured(of);
    if (place === undefined || (before === undefined && contentName(place) !== name)) return undefined;
    known.set(name, place);
    return place;
  }

  async function readOnce(name: string): Promise<ClusterPlace> {
    const place = known.get(name) ?? (await find(name, false)) ?? (await find(name, true));
    if (!place) throw new Error(`the place ${name} that a deployment names is not in the record`);
    known.set(name, place);
    return place;
  }

  async function find(name: string, consistent: boolean): Promise<ClusterPlace | undefined> {
    const item = await readItem({ client, name: tableName }, keys.place(name), consistent);
    return item && fieldsOf<ClusterPlace>(item);
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
  return hash("sha256", JSON.stringify(place, sorted), "base64url").slice(0, 16);
}
