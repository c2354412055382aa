/**
 * Clients of a private deployment: named holders of a token. Of a token only its SHA-256 is kept, and the token carries its
 * holder's name, so that it leads to its client by itself.
 */
export interface Client {
  name: string;
  token_hash: string;
  created_at: string;
  created_by: string;
  /** Null: never. */
  expires_at: string | null;
  /** Late by up to five minutes: see `isUseToBeNoted`. */
  last_used_at: string | null;
  /** Of the token before the last rotation, which works until then; null when there is none. */
  previous: { hash: string; until: string } | null;
}

export const clientNamePattern = /^[a-z_][a-z0-9_-]{0,62}$/;

/** Scanners of secrets find tokens by it. */
const tokenPrefix = "slipway_";
const tokenPattern = /^slipway_([a-z_][a-z0-9_-]{0,62})\.[A-Za-z0-9_-]{43}$/;

/** `secret`: 256 random bits in base64url. */
export const tokenOf = (name: string, secret: string): string => `${tokenPrefix}${name}.${secret}`;

/** The client that a token names; undefined when the text has not the form of a token. */
export const holderOf = (token: string): string | undefined => tokenPattern.exec(token)?.[1];

/** The hashes of the tokens that work now: of a client that has expired, none. */
export function workingHashes(client: Pick<Client, "token_hash" | "expires_at" | "previous">, now: number): string[] {
  const { token_hash, expires_at, previous } = client;
  if (expires_at !== null && Date.parse(expires_at) <= now) return [];
  return previous && now < Date.parse(previous.until) ? [token_hash, previous.hash] : [token_hash];
}

const notedEveryMilliseconds = 5 * 60_000;

/** Noting each use would cost a write for each request. */
export const isUseToBeNoted = ({ last_used_at }: Pick<Client, "last_used_at">, now: number): boolean =>
  last_used_at === null || now - Date.parse(last_used_at) >= notedEveryMilliseconds;
