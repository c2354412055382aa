import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportOnnx } from "../../../local/sample/export-onnx.ts";
import { type Classifier, train } from "../../../local/sample/train.ts";
import { artifactStore } from "../images/catalogue.ts";

const sampleTransformer = new URL("../../../samples/iris/transformer.mjs", import.meta.url);
const bucket = "slipway-models";

/**
 * What pods of the suite may download. `iris/N` is the sample's model with its classes moved on by N - 1, so that an
 * answer tells which of them gave it; `broken` is no model.
 */
export const artifacts = {
  iris: (version: number) => `s3://${bucket}/iris/${version}`,
  broken: `s3://${bucket}/broken`,
  absent: `s3://${bucket}/absent`,
  /** The sample's script that stands before the model. */
  transformer: `s3://${bucket}/scripts/transformer.mjs`,
  brokenScript: `s3://${bucket}/scripts/broken.mjs`,
} as const;

export interface ArtifactStore {
  /** Where the storage-initializer is to look. */
  url: string;
  stop(): Promise<void>;
}

/** S3 as far as the storage-initializer needs it, on a free port of this machine. */
export const startArtifactStore = (): Promise<ArtifactStore> => serve("127.0.0.1", 0, "");

/**
 * The same where the image of the real node looks for it. undefined when that is no address of this machine; another run
 * of the suite that has it serves the same objects.
 */
export async function startArtifactStoreForNode(): Promise<ArtifactStore | undefined> {
  const { hostname, port, pathname } = new URL(artifactStore);
  try {
    return await serve(hostname, Number(port), pathname);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRNOTAVAIL") return undefined;
    const answer = code === "EADDRINUSE" ? await fetch(`${artifactStore}/${bucket}/broken/model.onnx`).catch(() => undefined) : undefined;
    if (answer?.ok) return { url: artifactStore, stop: async () => undefined };
    throw new Error(`${artifactStore} cannot be served to the node: ${(error as Error).message}`);
  }
}

function objects(): Map<string, Uint8Array> {
  const { classifier } = train();
  return new Map([
    ["iris/1/model.onnx", exportOnnx(classifier)],
    ["iris/2/model.onnx", exportOnnx(movedOn(classifier))],
    ["broken/model.onnx", Buffer.from("this is no model")],
    ["scripts/transformer.mjs", readFileSync(sampleTransformer)],
    ["scripts/broken.mjs", Buffer.from("export const preprocess = (inputs) => inputs;\nundefinedWords.split(' ');\n")],
  ]);
}

function movedOn({ weights, bias, ...rest }: Classifier): Classifier {
  const moved = (row: number[]) => [row.at(-1) as number, ...row.slice(0, -1)];
  return { ...rest, weights: weights.map(moved), bias: moved(bias) };
}

async function serve(host: string, port: number, path: string): Promise<ArtifactStore> {
  const stored = objects();
  const server = createServer(({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://s3");
    const key = decodeURIComponent(pathname.slice(`${path}/${bucket}/`.length));
    const found = stored.get(key);
    if (searchParams.has("list-type")) response.writeHead(200, { "content-type": "application/xml" }).end(listing(stored, searchParams));
    else if (found) response.writeHead(200, { "content-length": found.length }).end(found);
    else response.writeHead(404, { "content-type": "application/xml" }).end("<Error><Code>NoSuchKey</Code></Error>");
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}${path}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listing(stored: Map<string, Uint8Array>, query: URLSearchParams): string {
  const keys = [...stored.keys()].filter((key) => key.startsWith(query.get("prefix") ?? ""));
  const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>${stored.get(key)?.length}</Size></Contents>`);
  return `<ListBucketResult><Name>${bucket}</Name><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
}
