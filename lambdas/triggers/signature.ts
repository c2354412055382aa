import { createHmac, timingSafeEqual } from "node:crypto";

/** What the sender of a delivery has signed, and how. */
export interface SignedDelivery {
  id: string;
  /** Seconds since the epoch, when it was sent. */
  timestamp: string;
  /** `v1,<base64>`; several with blanks between while a sender changes its secret. */
  signatures: string;
  /** The body byte for byte. */
  bytes: Buffer;
}

const windowSeconds = 300;
export const idPattern = /^[\x21-\x7e]{1,256}$/;

/** Why a delivery is not to be believed whoever signed it; undefined when its signature is worth a look. */
export function deliveryFault({ id, timestamp, signatures }: SignedDelivery, now: number): string | undefined {
  if (!idPattern.test(id)) return "it has no id of 1 to 256 printable characters";
  if (!/^[0-9]{1,12}$/.test(timestamp)) return "it has no timestamp in seconds";
  const age = Math.round(now / 1000 - Number(timestamp));
  if (Math.abs(age) > windowSeconds) return `its timestamp is ${age} s from now: at most ${windowSeconds} are taken, either way`;
  return signaturesIn(signatures).length === 0 ? "it is not signed: there is no signature v1,…" : undefined;
}

/** MLflow and Standard Webhooks sign alike: HMAC-SHA256 over `{id}.{timestamp}.{body}`. Compared in constant time. */
export function isSigned({ id, timestamp, signatures, bytes }: SignedDelivery, secrets: string[]): boolean {
  const given = signaturesIn(signatures);
  const wanted = secrets.flatMap(keysOf).map((key) => createHmac("sha256", key).update(`${id}.${timestamp}.`).update(bytes).digest());
  return wanted.some((one) => given.some((other) => one.length === other.length && timingSafeEqual(one, other)));
}

const signaturesIn = (header: string): Buffer[] =>
  header
    .split(" ")
    .filter((one) => one.startsWith("v1,"))
    .map((one) => Buffer.from(one.slice("v1,".length), "base64"));

/** A secret is its UTF-8. Libraries for Standard Webhooks read every secret as base64, and write `whsec_` before it. */
function keysOf(secret: string): Buffer[] {
  const marked = secret.startsWith("whsec_");
  const decoded = Buffer.from(marked ? secret.slice("whsec_".length) : secret, "base64");
  return [...(marked ? [] : [Buffer.from(secret, "utf8")]), decoded].filter(({ length }) => length > 0);
}
