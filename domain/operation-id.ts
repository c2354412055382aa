/** Of ULIDs: Crockford's base 32. The first ten characters tell the time in milliseconds, the others are random. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const timeLength = 10;

/** What a deployment and its operations have in common: who has the id of one finds the partition of all. */
export const familyOf = (ulid: string): string => ulid.slice(timeLength);

/**
 * The id of a deployment's next operation: a ULID whose time is its own and whose random part is the deployment's. It
 * needs no item that leads from it to its deployment, and ids sort in the order in which operations began, also when a
 * clock goes back. `now` in milliseconds.
 */
export function nextOperationId({ uid, last }: { uid: string; last: string | undefined }, now: number): string {
  return `${timePart(Math.max(now, timeIn(last ?? uid) + 1))}${familyOf(uid)}`;
}

const timeIn = (ulid: string): number =>
  [...ulid.slice(0, timeLength)].reduce((time, character) => time * alphabet.length + alphabet.indexOf(character), 0);

function timePart(milliseconds: number): string {
  let text = "";
  for (let left = milliseconds; text.length < timeLength; left = Math.floor(left / alphabet.length)) {
    text = `${alphabet[left % alphabet.length]}${text}`;
  }
  return text;
}
