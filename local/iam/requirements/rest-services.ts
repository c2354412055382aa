import { AwsError } from "../../aws/error.ts";
import { lambdaOperation } from "../../aws/lambda/operation.ts";
import { addressOf, type Operation, operationOf, sourceOf } from "../../aws/s3/operation.ts";
import type { AwsCall } from "../../aws/service.ts";
import { arn } from "../../template/place.ts";
import type { Requirement } from "../policy.ts";

/** What a call of S3 needs: the object's or the bucket's ARN. Errors: an operation that is not here. */
export function s3Requirements(call: AwsCall): Requirement[] {
  const operation = operationOf(call);
  const { bucket, key } = addressOf(call.path);
  if (operation === "ListBuckets") return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
  const action = `s3:${s3Actions[operation] ?? operation}`;
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (operation === "DeleteObjects") return [{ action, resource: `${bucketArn}/*` }];
  if (key === "") return [{ action, resource: bucketArn, context: { "s3:prefix": [call.query.get("prefix") ?? ""] } }];
  const needed: Requirement[] = [{ action, resource: `${bucketArn}/${key}` }];
  if (operation !== "CopyObject" && operation !== "UploadPartCopy") return needed;
  const source = sourceOf(call);
  return [...needed, { action: "s3:GetObject", resource: `arn:aws:s3:::${source.bucket}/${source.key}` }];
}

/** Actions that are not named as their operations. */
const s3Actions: Partial<Record<Operation, string>> = {
  HeadBucket: "ListBucket",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  DeleteObjects: "DeleteObject",
  HeadObject: "GetObject",
  CopyObject: "PutObject",
  CreateMultipartUpload: "PutObject",
  UploadPart: "PutObject",
  UploadPartCopy: "PutObject",
  CompleteMultipartUpload: "PutObject",
  ListParts: "ListMultipartUploadParts",
};

export function eksRequirements({ method, path }: AwsCall): Requirement[] {
  const [, collection, name, kind, one] = path.split("/");
  if (method !== "GET" || collection !== "clusters") throw unknownToEks(method, path);
  if (!name) return [{ action: "eks:ListClusters", resource: "*" }];
  const cluster = arn("eks", `cluster/${decodeURIComponent(name)}`);
  if (kind === undefined) return [{ action: "eks:DescribeCluster", resource: cluster }];
  if (kind === "addons" && one) return [{ action: "eks:DescribeAddon", resource: cluster }];
  if (kind === "access-entries") return [{ action: one ? "eks:DescribeAccessEntry" : "eks:ListAccessEntries", resource: cluster }];
  throw unknownToEks(method, path);
}

const unknownToEks = (method: string, path: string) =>
  new AwsError("InvalidRequestException", `The local EKS does not know ${method} ${path}`);

export function lambdaRequirements(call: AwsCall): Requirement[] {
  const { operation, name } = lambdaOperation(call);
  if (operation === "ListFunctions") return [{ action: "lambda:ListFunctions", resource: "*" }];
  const resource = name.startsWith("arn:") ? name : arn("lambda", `function:${name}`);
  return [{ action: operation === "Invoke" ? "lambda:InvokeFunction" : `lambda:${operation}`, resource }];
}
