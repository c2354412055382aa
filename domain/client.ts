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
  /** Tokens of before the last rotations, each of which works until its time is over; newest first. */
  previous: PreviousToken[];
}

export interface PreviousToken {
  hash: string;
  until: string;
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
  const { token_hash, expires_at } = client;
  if (expires_at !== null && Date.parse(expires_at) <= now) return [];
  return [token_hash, ...stillWorking(client, now).map(({ hash }) => hash)];
}

export const stillWorking = ({ previous }: Pick<Client, "previous">, now: number): PreviousToken[] =>
  previous.filter(({ until }) => now < Date.parse(until));

/** Until when a token from before the last rotation works; null when none does. */
export function previousUntil(client: Pick<Client, "previous">, now: number): string | null {
  return stillWorking(client, now)[0]?.until ?? null;
}

const notedEveryMilliseconds = 5 * 60_000;

/** Noting each use would cost a write for each request. */
export const isUseToBeNoted = ({ last_used_at }: Pick<Client, "last_used_at">, now: number): boolean =>
  last_used_at === null || now - Date.parse(last_used_at) >= notedEveryMilliseconds;
