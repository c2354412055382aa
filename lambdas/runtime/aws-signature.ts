import { createHmac, hash } from "node:crypto";
import type { AwsCredentials } from "./aws-surroundings.ts";

export interface Unsigned {
  /** As the credential scope names it. */
  service: string;
  region: string;
  /** Encoded as it is sent. */
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/** Signature Version 4: the headers to send, all of them signed. */
export function signHeaders({ body, ...request }: Unsigned, by: AwsCredentials, at: Date): Record<string, string> {
  const { url, service } = request;
  const payload = sha256(body);
  const dated = datedScope(request, at);
  const headers = {
    ...{ host: url.host, "x-amz-date": dated.time },
    ...(service === "s3" && { "x-amz-content-sha256": payload }),
    ...(by.sessionToken && { "x-amz-security-token": by.sessionToken }),
    ...request.headers,
  };
  const names = namesOf(headers);
  const query: Parameters = url.search === "" ? [] : [...url.searchParams];
  const signature = sign({ ...request, ...dated, headers, names, query, payload }, by);
  const credential = `${by.accessKeyId}/${dated.scope}`;
  return { ...headers, Authorization: `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}` };
}

/** A URL that whoever has it may GET once signed, with these headers, until it expires. */
export function presignUrl(
  { headers: given, ...request }: Pick<Unsigned, "service" | "region" | "url" | "headers">,
  by: AwsCredentials,
  { at, expiresSeconds }: { at: Date; expiresSeconds: number },
): URL {
  const headers = { host: request.url.host, ...given };
  const names = namesOf(headers);
  const dated = datedScope(request, at);
  const limits = {
    "X-Amz-Algorithm": algorithm,
    "X-Amz-Credential": `${by.accessKeyId}/${dated.scope}`,
    "X-Amz-Date": dated.time,
    "X-Amz-Expires": String(expiresSeconds),
    ...(by.sessionToken && { "X-Amz-Security-Token": by.sessionToken }),
    "X-Amz-SignedHeaders": names,
  };
  const query = [...request.url.searchParams, ...Object.entries(limits)];
  const payload = request.service === "s3" ? "UNSIGNED-PAYLOAD" : sha256("");
  const signature = sign({ ...request, ...dated, method: "GET", headers, names, query, payload }, by);
  const signed = new URL(request.url);
  signed.search = `${queryText(query)}&X-Amz-Signature=${signature}`;
  return signed;
}

type Parameters = [name: string, value: string][];
interface Canonical extends Omit<Unsigned, "body" | "region">, Dated {
  /** Of the headers, as they are signed. */
  names: string;
  query: Parameters;
  /** Hash of the body, or what stands for it. */
  payload: string;
}

function sign({ query, payload, headers, names, time, scope, ...request }: Canonical, { secretAccessKey }: AwsCredentials): string {
  const lines = sorted(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/\s+/g, " ")]));
  const canonical = [
    ...[request.method, pathText(request), queryText(query)],
    ...[...lines.map(([name, value]) => `${name}:${value}`), ""],
    ...[names, payload],
  ];
  const text = [algorithm, time, scope, sha256(canonical.join("\n"))].join("\n");
  return createHmac("sha256", keyOf(secretAccessKey, scope)).update(text).digest("hex");
}

interface Dated {
  time: string;
  /** What a key signs for: a day, a region and a service. */
  scope: string;
}

function datedScope({ service, region }: Pick<Unsigned, "service" | "region">, at: Date): Dated {
  const time = basicTime(at);
  return { time, scope: [time.slice(0, 8), region, service, "aws4_request"].join("/") };
}

const keys = new Map<string, Buffer>();
/** Every day's key is another: of yesterday's none is kept for long. */
const keysKept = 50;

function keyOf(secret: string, scope: string): Buffer {
  const name = `${secret} ${scope}`;
  const key = keys.get(name) ?? scope.split("/").reduce(hmac, Buffer.from(`AWS4${secret}`));
  if (keys.size >= keysKept) keys.clear();
  keys.set(name, key);
  return key;
}

const namesOf = (headers: Record<string, string>): string =>
  Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort()
    .join(";");

/** Each part encoded; every service but S3 takes a path that is encoded already for one that is still to be. */
const pathText = ({ service, url }: Pick<Unsigned, "service" | "url">): string =>
  url.pathname
    .split("/")
    .map((part) => encoded(service === "s3" ? decodeURIComponent(part) : part))
    .join("/");

const queryText = (query: Parameters): string =>
  sorted(query.map(([name, value]) => [encoded(name), encoded(value)]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

/** By code units, names first. */
const sorted = (pairs: Parameters): Parameters => pairs.sort(([a, x], [b, y]) => (a === b ? order(x, y) : order(a, b)));
const order = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** `20261121T091203Z` */
const basicTime = (at: Date): string => at.toISOString().replace(/[:-]|\.\d{3}/g, "");

const sha256 = (text: string): string => hash("sha256", text);
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
