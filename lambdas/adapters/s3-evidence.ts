import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { EvidenceStore } from "../ports/evidence.ts";

/** JSON objects under `<uid>/<operation>/<name>.json`: a retried step writes the same key again. */
export function s3Evidence(client: S3Client, bucket: string): EvidenceStore {
  return {
    async put(uid, operationId, name, body) {
      const key = `${uid}/${operationId}/${name}.json`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: JSON.stringify(body), ContentType: "application/json" }));
      return key;
    },
  };
}
