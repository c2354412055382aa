import aws4 from "aws4";
import type { AwsCredentials } from "./aws-surroundings.ts";

export interface Unsigned {
  /** As the credential scope names it. */
  service: string;
  region: string;
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string;
}

/** Signature Version 4: the headers to send, all of them signed. */
export function signHeaders(
  { service, region, url, method, headers, body }: Unsigned,
  by: AwsCredentials,
  at: Date,
): Record<string, string> {
  const signed = aws4.sign(
    {
      ...{ service, region, method, body },
      path: url.pathname + url.search,
      headers: { host: url.host, "x-amz-date": basicTime(at), ...headers },
    },
    plain(by),
  );
  return signed.headers as Record<string, string>;
}

/** A URL that whoever has it may GET once signed, with these headers, until it expires. */
export function presignUrl(
  { service, region, url, headers }: Pick<Unsigned, "service" | "region" | "url" | "headers">,
  by: AwsCredentials,
  { at, expiresSeconds }: { at: Date; expiresSeconds: number },
): URL {
  const limits = { "X-Amz-Date": basicTime(at), "X-Amz-Expires": String(expiresSeconds) };
  const query = new URLSearchParams([...url.searchParams, ...Object.entries(limits)]);
  const request = { service, region, method: "GET", host: url.host, path: `${url.pathname}?${query}`, headers, signQuery: true };
  return new URL(aws4.sign(request, plain(by)).path ?? "", url);
}

/** `20261121T091203Z` */
const basicTime = (at: Date): string => at.toISOString().replace(/[:-]|\.\d{3}/g, "");

/** The signer looks for a session token of its own when it is given an explicit `undefined`. */
const plain = ({ sessionToken, ...secret }: AwsCredentials) => ({ ...secret, ...(sessionToken && { sessionToken }) });
