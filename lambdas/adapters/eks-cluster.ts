import { WorkflowError } from "../../domain/errors.ts";
import { awsClient } from "../runtime/aws-client.ts";
import { AwsError, isPassing } from "../runtime/aws-error.ts";
import type { AwsSurroundings } from "../runtime/aws-surroundings.ts";

/** Where a cluster's API server is and whom it is vouched for by. */
export interface ClusterPlaceOnEks {
  endpoint: string;
  /** PEM. */
  certificate_authority: string;
}

const attemptMilliseconds = 5_000;

/** `eks:DescribeCluster`. Errors: ClusterRefused, ClusterUnavailable. */
export async function describeCluster(name: string, surroundings: AwsSurroundings): Promise<ClusterPlaceOnEks> {
  const eks = awsClient("EKS", surroundings, attemptMilliseconds);
  const headers = { accept: "application/json" };
  const { body } = await eks({ method: "GET", path: `/clusters/${encodeURIComponent(name)}`, headers }).catch((error: Error) => {
    throw notDescribed(name, error);
  });
  return placeIn(name, body);
}

function notDescribed(name: string, error: Error): WorkflowError {
  const why = error instanceof AwsError ? `(${error.status} ${error.name}): ${error.message}` : `: ${error.message}`;
  return error instanceof AwsError && !isPassing(error)
    ? new WorkflowError("ClusterRefused", "DescribeCluster", `EKS refused to describe cluster ${name} ${why}`)
    : new WorkflowError("ClusterUnavailable", "DescribeCluster", `EKS did not describe cluster ${name} ${why}`);
}

function placeIn(name: string, body: string): ClusterPlaceOnEks {
  const { cluster } = JSON.parse(body) as { cluster: { endpoint?: string; status?: string; certificateAuthority?: { data?: string } } };
  const certificate = cluster.certificateAuthority?.data;
  if (!cluster.endpoint || !certificate)
    throw new WorkflowError(
      "ClusterUnavailable",
      "ClusterNotReady",
      `cluster ${name} has no endpoint yet: its status is ${cluster.status}`,
    );
  return { endpoint: cluster.endpoint, certificate_authority: Buffer.from(certificate, "base64").toString("utf8") };
}
