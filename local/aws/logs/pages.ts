import { invalid } from "./regular-expression.ts";

type Body = Record<string, unknown>;

/** A whole number from 1 on. Errors: InvalidParameterException. */
export function limitOf(body: Body, most: number): number {
  const limit = body.limit ?? most;
  if (typeof limit === "number" && Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw invalid(`1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must be from 1 to ${most}`);
}

/** One page of a list that is told whole otherwise: a token is the place to go on. */
export function pageOf<T>(all: T[], body: Body, most: number): { items: T[]; nextToken: string | undefined } {
  const limit = limitOf(body, most);
  const start = body.nextToken === undefined ? 0 : Number(readToken(body.nextToken, /^from (\d+)$/)[1]);
  const end = start + limit;
  return { items: all.slice(start, end), nextToken: end < all.length ? writeToken(`from ${end}`) : undefined };
}

export const writeToken = (text: string): string => Buffer.from(text).toString("base64url");

/** Errors: the token was not given by an answer of this operation. */
export function readToken(token: unknown, form: RegExp): RegExpExecArray {
  const found = form.exec(Buffer.from(String(token), "base64url").toString());
  if (found !== null) return found;
  throw invalid("The specified nextToken is invalid.");
}
