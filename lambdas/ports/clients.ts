import type { Client } from "../../domain/client.ts";
import type { Page, PageRequest } from "./page.ts";

/** What tells a client by its token. */
export interface ClientAccess {
  /** The client of that name which the deployment that has this id now has, as of this moment. */
  find(deploymentId: string, name: string): Promise<{ uid: string; client: Client } | undefined>;
  /** Decided upon `client` as it was found; when that is no longer so, nothing is written. */
  noteUse(uid: string, client: Client, at: string): Promise<void>;
}

/** What the record tells people of the clients of a deployment, by its uid. Strongly consistent. */
export interface ClientReader {
  client(uid: string, name: string): Promise<Client | undefined>;
  /** By name. */
  clients(uid: string, page: PageRequest): Promise<Page<Client>>;
}

export interface Tokens {
  /** 256 random bits, base64url. */
  newSecret(): string;
  /** SHA-256, base64url. */
  hash(token: string): string;
  /** Takes as long for whatever is given. */
  areSame(one: string, other: string): boolean;
}
