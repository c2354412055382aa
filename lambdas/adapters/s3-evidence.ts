import type { EvidenceStore } from "../ports/evidence.ts";
import { awsClient } from "../runtime/aws-client.ts";
import { AwsError } from "../runtime/aws-error.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";

const attemptMilliseconds = 10_000;

/** JSON objects under `<uid>/<operation>/<name>.json`: a retried step writes the same key again. */
export function s3Evidence(surroundings: AwsSurroundings, bucket: string): EvidenceStore {
  const s3 = awsClient("S3", surroundings, attemptMilliseconds);
  return {
    async put(uid, operationId, name, evidence) {
      const key = `${uid}/${operationId}/${name}.json`;
      // With the bucket in the path, which every region, dotted name and local server understands.
      const path = `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
      const headers = { "content-type": "application/json" };
      await s3({ method: "PUT", path, headers, body: JSON.stringify(evidence) }).catch((error: Error) => {
        const reason = error instanceof AwsError ? `${error.status} ${error.name}: ${error.message}` : error.message;
        throw new Error(`evidence ${key} could not be kept in ${bucket}: ${reason}`);
      });
      return key;
    },
  };
}
