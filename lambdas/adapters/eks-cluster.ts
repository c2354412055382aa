import { request as httpsRequest } from "node:https";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { WorkflowError } from "../../domain/errors.ts";
import type { Clock } from "../ports/surroundings.ts";
import { type CredentialsProvider, dnsSuffix, plain } from "./eks-token.ts";

/** Where a cluster's API server is and whom it is vouched for by. */
export interface ClusterPlaceOnEks {
  endpoint: string;
  /** PEM. */
  certificate_authority: string;
}

export interface EksSurroundings {
  region: string;
  credentials: CredentialsProvider;
  clock: Clock;
  /** AWS_ENDPOINT_URL_EKS or AWS_ENDPOINT_URL, as SDK clients honour them; a path in it comes before the API's own. */
  endpointUrl: string | undefined;
}

const attempts = 4;
const timeoutMilliseconds = 5_000;

/** `eks:DescribeCluster`, the one call to EKS that there is: by hand, because the client would be half of a bundle. */
export async function describeCluster(name: string, surroundings: EksSurroundings): Promise<ClusterPlaceOnEks> {
  for (let attempt = 1; ; attempt++) {
    const { status, body } = await signedGet(`/clusters/${encodeURIComponent(name)}`, surroundings);
    if (status === 200) return placeIn(name, body);
    const isPassing = status === 0 || status === 429 || status >= 500 || body.includes("ThrottlingException");
    if (!isPassing)
      throw new WorkflowError(
        "ClusterRefused",
        "DescribeCluster",
        `EKS refused to describe cluster ${name} (${status}): ${body.slice(0, 300)}`,
      );
    if (attempt === attempts)
      throw new WorkflowError(
        "ClusterUnavailable",
        "DescribeCluster",
        `EKS did not describe cluster ${name} (${status}): ${body.slice(0, 300)}`,
      );
    await surroundings.clock.sleep(Math.random() * 200 * 2 ** attempt);
  }
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

/** Status 0: no answer; the body then says why. */
async function signedGet(path: string, { region, credentials, endpointUrl }: EksSurroundings): Promise<{ status: number; body: string }> {
  const endpoint = new URL(endpointUrl ?? `https://eks.${region}.${dnsSuffix(region)}`);
  const signer = new SignatureV4({ service: "eks", region, credentials: plain(await credentials()), sha256: Sha256 });
  const signed = await signer.sign({
    method: "GET",
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    path: endpoint.pathname.replace(/\/$/, "") + path,
    headers: { host: endpoint.host, accept: "application/json" },
  });
  // Plain HTTP is for a laptop only. Importing node:http as a module loads `fetch` with it: 17 ms of every cold start.
  const send = endpoint.protocol === "http:" ? process.getBuiltinModule("node:http").request : httpsRequest;
  return new Promise((resolve) => {
    const outgoing = send(
      new URL(signed.path, endpoint),
      { method: "GET", headers: signed.headers, signal: AbortSignal.timeout(timeoutMilliseconds) },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", (error) => resolve({ status: 0, body: error.message }));
      },
    );
    outgoing.on("error", (error) => resolve({ status: 0, body: error.message }));
    outgoing.end();
  });
}
