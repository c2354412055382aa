import { familyOf } from "../../domain/operation-id.ts";

/** Keys of the record table. A partition is one deployment, one group, one model, or one lookup. */
export interface Key {
  pk: string;
  sk: string;
}

/** Attribute names that an item has beside its own fields. */
export const tableAttributes = ["pk", "sk", "item_type", "cluster_key", "expires_at"] as const;
export const clusterIndexName = "by-cluster";
/** Deployments by group and name, with what a list shows: an entry changes with the HEAD that it is a part of. */
export const groupIndexName = "by-group";

const six = (n: number) => String(n).padStart(6, "0");
const nine = (n: number) => String(n).padStart(9, "0");

/** Of a deployment's uid or of the id of one of its operations: both lead there. */
export const deploymentPartition = (uid: string) => `DEPLOYMENT#${familyOf(uid)}`;
export const groupPartition = (group: string) => `GROUP#${group}`;
export const modelPartition = (group: string, name: string) => `MODEL#${group}#${name}`;
export const groupsPartition = "GROUPS";
/** What those may write to who may write nothing else of the record (lib/record-table.ts). */
const watchPartitions = "WATCH#";
export const searchesPartition = "SEARCHES";
export const placesPartition = "PLACES";

export const prefixes = {
  client: "CLIENT#",
  condition: "CONDITION#",
  event: "EVENT#",
  model: "MODEL#",
  operation: "OPERATION#",
  revision: "REVISION#",
  version: "VERSION#",
  group: "GROUP#",
  place: "PLACE#",
} as const;

export const keys = {
  head: (uid: string): Key => ({ pk: deploymentPartition(uid), sk: "HEAD" }),
  observed: (uid: string): Key => ({ pk: deploymentPartition(uid), sk: "OBSERVED" }),
  revision: (uid: string, revision: number): Key => ({ pk: deploymentPartition(uid), sk: `${prefixes.revision}${six(revision)}` }),
  operation: (id: string): Key => ({ pk: deploymentPartition(id), sk: `${prefixes.operation}${id}` }),
  event: (uid: string, sequence: number): Key => ({ pk: deploymentPartition(uid), sk: `${prefixes.event}${nine(sequence)}` }),
  reservation: (id: string): Key => ({ pk: `ID#${id}`, sk: "RESERVATION" }),
  client: (uid: string, name: string): Key => ({ pk: deploymentPartition(uid), sk: `${prefixes.client}${name}` }),
  /** Transitions of which so many came before the first. */
  conditions: (uid: string, first: number): Key => ({ pk: deploymentPartition(uid), sk: `${prefixes.condition}${nine(first)}` }),
  /** An actor's name may hold any character: encoded, so that no two pairs of actor and key share an item. */
  idempotency: (actor: string, key: string): Key => ({ pk: `IDEM#${encodeURIComponent(actor)}#${key}`, sk: "IDEM" }),
  model: (group: string, name: string): Key => ({ pk: groupPartition(group), sk: `${prefixes.model}${name}` }),
  version: (group: string, name: string, version: number): Key => ({
    pk: modelPartition(group, name),
    sk: `${prefixes.version}${six(version)}`,
  }),
  group: (name: string): Key => ({ pk: groupsPartition, sk: `${prefixes.group}${name}` }),
  watch: (cluster: string): Key => ({ pk: `${watchPartitions}${cluster}`, sk: "WATCH" }),
  search: (id: string): Key => ({ pk: searchesPartition, sk: `SEARCH#${id}` }),
  place: (name: string): Key => ({ pk: placesPartition, sk: `${prefixes.place}${name}` }),
};

/** Lists are sorted by name and searched by its beginning, both without regard to case. */
export const listedName = (name: string) => name.toLowerCase();

/** A ULID: what tells a deployment's uid from its id, which is lower case. */
export const isUid = (idOrUid: string) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(idOrUid);
