import { DatabaseSync } from "node:sqlite";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { s3Service } from "../../../../local/aws/s3/service.ts";
import { ObjectStore } from "../../../../local/aws/s3/store.ts";
import { type Endpoint, serveAws } from "./endpoint.ts";

export interface S3 {
  client: S3Client;
  /** What paths begin with. */
  url: string;
  send: Endpoint["send"];
  put(key: string, body: string | Uint8Array, more?: object): ReturnType<typeof put>;
  /** What is there now. */
  text(key: string, more?: object): Promise<string | undefined>;
  close(): void;
}

/** The bucket that is there. */
export const Bucket = "models";
export const at = (Key: string) => ({ Bucket, Key });

/** The local S3 alone, with a bucket. */
export async function startS3(): Promise<S3> {
  const endpoint = await serveAws({ s3: s3Service(new ObjectStore(new DatabaseSync(":memory:"))) });
  const client = new S3Client(endpoint.client);
  await client.send(new CreateBucketCommand({ Bucket }));
  return {
    ...{ client, url: endpoint.client.endpoint, send: endpoint.send, put: (key, body, more) => put(client, key, body, more) },
    text: async (key, more = {}) => (await client.send(new GetObjectCommand({ ...at(key), ...more }))).Body?.transformToString(),
    close: () => {
      client.destroy();
      endpoint.close();
    },
  };
}

const put = (client: S3Client, key: string, Body: string | Uint8Array, more: object = {}) =>
  client.send(new PutObjectCommand({ ...at(key), Body, ...more }));
