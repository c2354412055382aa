import { decodeTime, encodeTime } from "ulid";

/** Characters of a ULID that tell its time; the others are random. */
const timeLength = 10;

/** What a deployment and its operations have in common: who has the id of one finds the partition of all. */
export const familyOf = (ulid: string): string => ulid.slice(timeLength);

/**
 * The id of a deployment's next operation: a ULID whose time is its own and whose random part is the deployment's. It
 * needs no item that leads from it to its deployment, and ids sort in the order in which operations began, also when a
 * clock goes back. `now` in milliseconds.
 */
export function nextOperationId({ uid, last }: { uid: string; last: string | undefined }, now: number): string {
  const earliest = decodeTime(last ?? uid) + 1;
  return `${encodeTime(Math.max(now, earliest), timeLength)}${familyOf(uid)}`;
}
