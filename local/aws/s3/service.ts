import type { AwsAnswer, AwsCall, AwsService } from "../service.ts";
import { createBucket, deleteBucket, deleteObjects, listBuckets, locationOf, versioningOf } from "./buckets.ts";
import { requireWritable } from "./conditions.ts";
import { listObjects, listObjectsV2 } from "./listing.ts";
import { type Address, addressOf, type Operation, operationOf, refuseVersion } from "./operation.ts";
import { readObject } from "./read.ts";
import { refuseHeaders } from "./refused-headers.ts";
import type { ObjectStore } from "./store.ts";
import { UploadStore } from "./upload-store.ts";
import { multipartSteps } from "./uploads.ts";
import { copyObject, existing, putObject, requireBucket } from "./write.ts";

/** S3 with path-style addresses; what is not here is refused by its name. */
export function s3Service(store: ObjectStore): AwsService {
  const uploads = new UploadStore(store.database);
  const operations: Record<Operation, (call: AwsCall, address: Address) => AwsAnswer> = {
    ...multipartSteps(store, uploads),
    ListBuckets: ({ query }) => listBuckets(store, query),
    CreateBucket: (call, { bucket }) => createBucket(store, call, bucket),
    HeadBucket: () => ({ status: 200, headers: { "x-amz-bucket-region": "us-east-1" } }),
    DeleteBucket: (_call, { bucket }) => deleteBucket(store, uploads, bucket),
    GetBucketLocation: locationOf,
    GetBucketVersioning: versioningOf,
    ListObjects: ({ query }, { bucket }) => listObjects(store, bucket, query),
    ListObjectsV2: ({ query }, { bucket }) => listObjectsV2(store, bucket, query),
    DeleteObjects: (call, { bucket }) => deleteObjects(store, call, bucket),
    GetObject: (call, address) => readObject(existing(store, address), call),
    HeadObject: (call, address) => readObject(existing(store, address), call),
    PutObject: (call, address) => putObject(store, call, address),
    CopyObject: (call, address) => copyObject(store, call, address),
    DeleteObject: ({ query, headers }, { bucket, key }) => {
      refuseVersion(query.get("versionId"));
      if (headers["if-match"] !== undefined) requireWritable(store.get(bucket, key), headers);
      store.delete(bucket, key);
      return { status: 204 };
    },
  };
  return {
    handle: async (call) => {
      const operation = operationOf(call);
      const address = addressOf(call.path);
      refuseHeaders(call);
      if (address.bucket !== "" && operation !== "CreateBucket") requireBucket(store, address.bucket);
      return operations[operation](call, address);
    },
  };
}
