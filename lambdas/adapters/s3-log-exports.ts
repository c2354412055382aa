import type { LogExport, LogExports } from "../ports/log-exports.ts";
import { type AwsRequest, awsClient } from "../runtime/aws-client.ts";
import { AwsError } from "../runtime/aws-error.ts";
import { presignUrl } from "../runtime/aws-signature.ts";
import { type AwsSurroundings, serviceUrl } from "../runtime/aws-surroundings.ts";

const attemptMilliseconds = 30_000;
/** S3 takes no part but the last that is smaller than 5 MiB. */
const partCharacters = 8 * 1024 * 1024;
const linkSeconds = 900;

/** Objects `<uid>/<export>.json` (what it has come to) and `<uid>/<export>.log` (the file). */
export function s3LogExports(surroundings: AwsSurroundings, bucket: string): LogExports {
  const s3 = awsClient("S3", surroundings, attemptMilliseconds);
  const path = (uid: string, exportId: string, ending: "json" | "log") => `/${bucket}/${uid}/${exportId}.${ending}`;
  return {
    async put(uid, exportId, state) {
      await s3({ method: "PUT", path: path(uid, exportId, "json"), headers: json, body: JSON.stringify(state) });
    },
    async get(uid, exportId) {
      try {
        return JSON.parse((await s3({ method: "GET", path: path(uid, exportId, "json") })).body) as LogExport;
      } catch (error) {
        // Who may not list a bucket is not told that something is missing.
        if (error instanceof AwsError && (error.status === 404 || error.status === 403)) return undefined;
        throw error;
      }
    },
    write: (uid, exportId, pieces) => upload(s3, path(uid, exportId, "log"), pieces),
    async link(uid, exportId) {
      const base = serviceUrl("S3", surroundings);
      const url = new URL(base.pathname.replace(/\/$/, "") + path(uid, exportId, "log"), base);
      url.searchParams.set("response-content-disposition", `attachment; filename="${exportId}.log"`);
      const at = new Date(surroundings.clock.now());
      const signed = presignUrl({ service: "s3", region: surroundings.region, url, headers: {} }, await surroundings.credentials(), {
        at,
        expiresSeconds: linkSeconds,
      });
      return { url: signed.href, expires_at: new Date(at.getTime() + linkSeconds * 1000).toISOString() };
    },
  };
}

const json = { "content-type": "application/json" };
type S3 = ReturnType<typeof awsClient>;

async function upload(s3: S3, path: string, pieces: AsyncIterable<string>): Promise<void> {
  const begun = await s3({ method: "POST", path: `${path}?uploads=`, headers: { "content-type": "text/plain; charset=utf-8" } });
  const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.body)?.[1];
  if (uploadId === undefined) throw new Error(`S3 began no upload of ${path}: ${begun.body.slice(0, 200)}`);
  const upload = `uploadId=${encodeURIComponent(uploadId)}`;
  const tags: string[] = [];
  const part = async (body: string) => {
    const request: AwsRequest = { method: "PUT", path: `${path}?partNumber=${tags.length + 1}&${upload}`, body };
    tags.push((await s3(request)).headers.etag ?? "");
  };
  let waiting: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < partCharacters) continue;
    await part(waiting.join(""));
    waiting = [];
    length = 0;
  }
  if (length > 0 || tags.length === 0) await part(waiting.join(""));
  const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
  const ended = await s3({ method: "POST", path: `${path}?${upload}`, headers: { "content-type": "application/xml" }, body });
  // S3 answers 200 before it is done, and may still have to say no.
  if (ended.body.includes("<Error>")) throw new Error(`S3 did not end the upload of ${path}: ${ended.body.slice(0, 300)}`);
}
