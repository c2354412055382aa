import type { Client } from "../../domain/client.ts";

/** What tells a client by its token. */
export interface ClientAccess {
  /** The client of that name which the deployment that has this id now has, as of this moment. */
  find(deploymentId: string, name: string): Promise<{ uid: string; client: Client } | undefined>;
  /** Decided upon `client` as it was found; when that is no longer so, nothing is written. */
  noteUse(uid: string, client: Client, at: string): Promise<void>;
}

export interface TokenHashing {
  /** SHA-256, base64url. */
  hash(token: string): string;
  /** Takes as long for whatever is given. */
  areSame(one: string, other: string): boolean;
}
