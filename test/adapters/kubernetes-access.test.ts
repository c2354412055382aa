import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeCluster } from "../../lambdas/adapters/eks-cluster.ts";
import { eksAccess } from "../../lambdas/adapters/eks-clusters.ts";
import { eksTokens } from "../../lambdas/adapters/eks-token.ts";

const credentials = { accessKeyId: "EXAMPLEKEY", secretAccessKey: "example-secret", sessionToken: "session" };
const minutes = 60_000;

describe("a token", () => {
  const decoded = (token: string) => new URL(Buffer.from(token.replace("k8s-aws-v1.", ""), "base64url").toString());

  it("is a presigned GetCallerIdentity of the regional STS with nothing that the verifier refuses", async () => {
    const token = await eksTokens(
      "prod",
      "eu-west-1",
      async () => credentials,
      () => Date.parse("2026-11-21T09:12:03Z"),
    ).token();
    expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
    const url = decoded(token);
    expect(`${url.origin}${url.pathname}`).toBe("https://sts.eu-west-1.amazonaws.com/");
    expect([...url.searchParams.keys()].sort()).toEqual([
      "Action",
      "Version",
      "X-Amz-Algorithm",
      "X-Amz-Credential",
      "X-Amz-Date",
      "X-Amz-Expires",
      "X-Amz-Security-Token",
      "X-Amz-Signature",
      "X-Amz-SignedHeaders",
    ]);
    expect(url.searchParams.get("X-Amz-SignedHeaders")).toBe("host;x-k8s-aws-id");
    expect(url.searchParams.get("X-Amz-Expires")).toBe("60");
    expect(url.searchParams.get("X-Amz-Date")).toBe("20261121T091203Z");
  });

  it("is kept for ten minutes, unless it was refused or the credentials are others", async () => {
    let now = Date.parse("2026-11-21T09:12:03Z");
    let signer = credentials;
    const tokens = eksTokens(
      "prod",
      "eu-west-1",
      async () => signer,
      () => now,
    );
    const first = await tokens.token();
    now += 9 * minutes;
    expect(await tokens.token()).toBe(first);
    now += 2 * minutes;
    const second = await tokens.token();
    expect(second).not.toBe(first);
    signer = { ...credentials, accessKeyId: "OTHERKEY" };
    const third = await tokens.token();
    expect(decoded(third).searchParams.get("X-Amz-Credential")).toContain("OTHERKEY");
    now += 1000;
    tokens.forget(third);
    expect(await tokens.token()).not.toBe(third);
  });
});

describe("a cluster's place", () => {
  let eks: Server;
  let asked: { url: string; headers: IncomingMessage["headers"] }[];
  let answers: { status: number; body: object }[];
  const place = {
    endpoint: "https://127.0.0.1:6443",
    certificateAuthority: { data: Buffer.from("PEM").toString("base64") },
    status: "ACTIVE",
  };

  beforeEach(async () => {
    asked = [];
    eks = createServer((request, response) => {
      asked.push({ url: request.url ?? "", headers: request.headers });
      const { status, body } = (answers.length > 1 ? answers.shift() : answers[0]) as (typeof answers)[number];
      response.writeHead(status).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => eks.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => eks.close(resolve)));

  const surroundings = () => ({
    region: "us-east-1",
    credentials: async () => credentials,
    clock: { now: () => Date.now(), sleep: async () => undefined },
    endpointUrl: `http://127.0.0.1:${(eks.address() as AddressInfo).port}/aws`,
  });

  it("is asked for with a signature, below the path of the endpoint that the environment names", async () => {
    answers = [{ status: 200, body: { cluster: place } }];
    expect(await describeCluster("local", surroundings())).toEqual({ endpoint: place.endpoint, certificate_authority: "PEM" });
    expect(asked[0]?.url).toBe("/aws/clusters/local");
    expect(asked[0]?.headers.authorization).toMatch(/Credential=EXAMPLEKEY\/\d{8}\/us-east-1\/eks\/aws4_request/);
  });

  it("is asked for again when EKS stumbles, and not when EKS refuses", async () => {
    answers = [
      { status: 503, body: {} },
      { status: 200, body: { cluster: place } },
    ];
    await describeCluster("local", surroundings());
    expect(asked).toHaveLength(2);
    answers = [{ status: 404, body: { message: "No cluster found for name: local." } }];
    await expect(describeCluster("local", surroundings())).rejects.toMatchObject({
      name: "ClusterRefused",
      message: expect.stringContaining("No cluster found"),
    });
    expect(asked).toHaveLength(3);
  });

  it("is asked for once, and again when it was found stale", async () => {
    answers = [{ status: 200, body: { cluster: place } }];
    const access = eksAccess("local", surroundings());
    const [first, same] = await Promise.all([access.connection(), access.connection()]);
    expect(same).toBe(first);
    access.forgetConnection(first);
    expect(await access.connection()).not.toBe(first);
    expect(asked).toHaveLength(2);
  });

  it("is no place yet while the cluster is being made", async () => {
    answers = [{ status: 200, body: { cluster: { status: "CREATING" } } }];
    await expect(describeCluster("local", surroundings())).rejects.toMatchObject({ name: "ClusterUnavailable", reason: "ClusterNotReady" });
  });
});
