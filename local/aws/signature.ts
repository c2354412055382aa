import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "./error.ts";

/** What a SigV4 signature says of itself, from the Authorization header or from a presigned URL's query. */
export interface Signed {
  access_key_id: string;
  /** `YYYYMMDD` */
  date: string;
  region: string;
  service: string;
  signed_headers: string[];
  session_token: string | null;
}

const headerForm = /^AWS4-HMAC-SHA256 Credential=([^\s,]+),\s*SignedHeaders=([^\s,]+),\s*Signature=[0-9a-f]{64}$/;

/** Errors: MissingAuthenticationToken when nothing is signed, IncompleteSignature when it is not well-formed. */
export function readSignature(headers: IncomingHttpHeaders, query: URLSearchParams, now: number): Signed {
  if (query.has("X-Amz-Signature")) return readPresigned(query, now);
  if (query.has("AWSAccessKeyId") && query.has("Signature")) return readOlderPresigned(query, now);
  const { authorization } = headers;
  if (authorization === undefined)
    throw new AwsError("MissingAuthenticationToken", "Missing Authentication Token: sign the request; any access key will do", 403);
  const [, credential, signedHeaders] = headerForm.exec(authorization) ?? [];
  if (credential === undefined || signedHeaders === undefined)
    throw incomplete(`the Authorization header is not of the form of SigV4: ${authorization.slice(0, 60)}`);
  return { ...readCredential(credential), signed_headers: signedHeaders.split(";"), session_token: text(headers["x-amz-security-token"]) };
}

function readPresigned(query: URLSearchParams, now: number): Signed {
  if (query.get("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256") throw incomplete(`X-Amz-Algorithm is ${query.get("X-Amz-Algorithm")}`);
  if (!/^[0-9a-f]{64}$/.test(query.get("X-Amz-Signature") ?? "")) throw incomplete("X-Amz-Signature is not 64 hexadecimal digits");
  const end = signingTime(query.get("X-Amz-Date") ?? "") + Number(query.get("X-Amz-Expires") ?? "0") * 1000;
  if (!(now <= end)) throw expired();
  return {
    ...readCredential(query.get("X-Amz-Credential") ?? ""),
    signed_headers: (query.get("X-Amz-SignedHeaders") ?? "").split(";"),
    session_token: query.get("X-Amz-Security-Token"),
  };
}

/** Version 2, by which boto3 still signs URLs of S3 in us-east-1: its end is in seconds since the epoch. */
function readOlderPresigned(query: URLSearchParams, now: number): Signed {
  if (!(now <= Number(query.get("Expires") ?? Number.NaN) * 1000)) throw expired();
  const access_key_id = query.get("AWSAccessKeyId") ?? "";
  return {
    access_key_id,
    date: "",
    region: "us-east-1",
    service: "s3",
    signed_headers: [],
    session_token: query.get("x-amz-security-token"),
  };
}

/** `20261121T091203Z` in milliseconds since the epoch; NaN when it is not of that form. */
export function signingTime(date: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function readCredential(credential: string): Omit<Signed, "signed_headers" | "session_token"> {
  const [terminator, service, region, date, ...key] = credential.split("/").reverse();
  const access_key_id = key.reverse().join("/");
  if (terminator !== "aws4_request" || !service || !region || !/^\d{8}$/.test(date ?? "") || access_key_id === "") {
    throw incomplete(`the credential must be <access key>/<date>/<region>/<service>/aws4_request, given ${credential}`);
  }
  return { access_key_id, date: date ?? "", region, service };
}

const expired = (): AwsError => new AwsError("AccessDenied", "Request has expired", 403);
const incomplete = (why: string): AwsError => new AwsError("IncompleteSignature", `The signature cannot be used: ${why}`, 400);
const text = (header: string | string[] | undefined): string | null => (header === undefined ? null : String(header));
