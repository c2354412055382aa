import type { AwsAnswer } from "../service.ts";
import { type Checksum, checksumType } from "./checksums.ts";
import type { StoredObject } from "./store.ts";
import { type Fields, xmlAnswer } from "./xml.ts";

export const time = (milliseconds: number): string => new Date(milliseconds).toISOString();
export const quoted = (etag: string): string => `"${etag}"`;
export const owner = { ID: "local", DisplayName: "local" };

/** `ChecksumCRC32`, as bodies name what headers name `x-amz-checksum-crc32`. */
export const checksumFields = (checksum: Checksum | undefined): Fields =>
  checksum === undefined
    ? {}
    : { [`Checksum${checksum.algorithm.toUpperCase()}`]: checksum.value, ChecksumType: checksumType(checksum.value) };

/** What a copy has come to, of an object or of a part. */
export function copied(root: string, { etag, modified_at }: Pick<StoredObject, "etag" | "modified_at">, checksum?: Checksum): AwsAnswer {
  return xmlAnswer(root, { LastModified: time(modified_at), ETag: quoted(etag), ...checksumFields(checksum) });
}
