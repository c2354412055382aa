import { AwsError } from "../../aws/error.ts";
import type { AwsCall } from "../../aws/service.ts";
import { arn } from "../../template/place.ts";
import type { Requirement } from "../policy.ts";

/** What a call of S3 needs: the object's or the bucket's ARN. */
export function s3Requirements({ method, path, query, headers }: AwsCall): Requirement[] {
  const [bucket = "", ...rest] = path.replace(/^\//, "").split("/").map(decodeURIComponent);
  const key = rest.join("/");
  if (bucket === "") return [{ action: "s3:ListAllMyBuckets", resource: "*" }];
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (key === "") return [{ action: bucketAction(method), resource: bucketArn, context: { "s3:prefix": [query.get("prefix") ?? ""] } }];
  const needed: Requirement[] = [{ action: objectAction(method, query), resource: `${bucketArn}/${key}` }];
  const source = headers["x-amz-copy-source"];
  if (source !== undefined)
    needed.push({ action: "s3:GetObject", resource: `arn:aws:s3:::${decodeURIComponent(String(source)).replace(/^\//, "")}` });
  return needed;
}

function bucketAction(method: string): string {
  const action = {
    GET: "s3:ListBucket",
    HEAD: "s3:ListBucket",
    PUT: "s3:CreateBucket",
    DELETE: "s3:DeleteBucket",
    POST: "s3:DeleteObject",
  }[method];
  if (action === undefined) throw new AwsError("MethodNotAllowed", `S3 has no ${method} of a bucket here`, 405);
  return action;
}

function objectAction(method: string, query: URLSearchParams): string {
  if (method === "GET" || method === "HEAD") return query.has("uploadId") ? "s3:ListMultipartUploadParts" : "s3:GetObject";
  if (method === "DELETE") return query.has("uploadId") ? "s3:AbortMultipartUpload" : "s3:DeleteObject";
  return "s3:PutObject";
}

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

export function lambdaRequirements({ method, path }: AwsCall): Requirement[] {
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
  if (method !== "POST" || name === undefined)
    throw new AwsError("UnknownOperationException", `The local Lambda does not know ${method} ${path}`, 404);
  const decoded = decodeURIComponent(name);
  return [{ action: "lambda:InvokeFunction", resource: decoded.startsWith("arn:") ? decoded : arn("lambda", `function:${decoded}`) }];
}
