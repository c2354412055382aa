import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { EvidenceStore } from "../ports/evidence.ts";
import type { Clock } from "../ports/surroundings.ts";

export interface StorageSurroundings {
  region: string;
  credentials: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }>;
  clock: Clock;
  /** AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, as SDK clients honour them; undefined for S3 of the region. */
  endpointUrl: string | undefined;
}

const attempts = 4;
const timeoutMilliseconds = 10_000;

/**
 * JSON objects under `<uid>/<operation>/<name>.json`: a retried step writes the same key again. PutObject is the one call
 * to S3 that there is, so it is signed by hand: the client would be a quarter of a bundle.
 */
export function s3Evidence(surroundings: StorageSurroundings, bucket: string): EvidenceStore {
  return {
    async put(uid, operationId, name, body) {
      const key = `${uid}/${operationId}/${name}.json`;
      const text = JSON.stringify(body);
      for (let attempt = 1; ; attempt += 1) {
        const refusal = await putObject(bucket, key, text, surroundings);
        if (refusal === undefined) return key;
        if (!refusal.passing || attempt === attempts) throw new Error(`evidence ${key} could not be kept in ${bucket}: ${refusal.reason}`);
        await surroundings.clock.sleep(Math.random() * 100 * 2 ** attempt);
      }
    },
  };
}

/** undefined when it is stored. */
async function putObject(
  bucket: string,
  key: string,
  body: string,
  { region, credentials, endpointUrl }: StorageSurroundings,
): Promise<{ reason: string; passing: boolean } | undefined> {
  // With the bucket in the path, which every region, dotted name and local server understands.
  const endpoint = new URL(endpointUrl ?? `https://s3.${region}.${region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}`);
  const path = `${endpoint.pathname.replace(/\/$/, "")}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const { sessionToken, ...secret } = await credentials();
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: { ...secret, ...(sessionToken && { sessionToken }) },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signed = await signer.sign({
    method: "PUT",
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    path,
    headers: { host: endpoint.host, "content-type": "application/json" },
    body,
  });
  const { host: _, ...headers } = signed.headers;
  try {
    const answer = await fetch(new URL(path, endpoint), { method: "PUT", headers, body, signal: AbortSignal.timeout(timeoutMilliseconds) });
    const text = await answer.text();
    if (answer.ok) return undefined;
    return { reason: `${answer.status} ${text.slice(0, 300)}`, passing: answer.status >= 500 || answer.status === 429 };
  } catch (error) {
    return { reason: (error as Error).message, passing: true };
  }
}
