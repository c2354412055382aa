import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";
import { Credentials } from "../../../local/aws/credentials.ts";
import { eksAuthenticator } from "../../../local/aws/eks/token.ts";
import { templateOf } from "../template-of.ts";

const roleArn = "arn:aws:iam::000000000000:role/App-Role";
const application = templateOf({
  Role: { Type: "AWS::IAM::Role" },
  Stranger: { Type: "AWS::IAM::Role" },
  Entry: {
    Type: "AWS::EKS::AccessEntry",
    Properties: { ClusterName: "local", PrincipalArn: { "Fn::GetAtt": ["Role", "Arn"] }, KubernetesGroups: ["slipway:writer"] },
  },
});
const credentials = new Credentials();
const writer = credentials.issue(roleArn, "ProvisionSlot");
const stranger = credentials.issue("arn:aws:iam::000000000000:role/App-Stranger", "Other");
const now = Date.parse("2026-11-21T09:12:03Z");
const check = (token: string, at = now, admits_person = true) =>
  eksAuthenticator({ application, credentials, cluster: "local", admits_person, now: () => at })(token);

interface Minting {
  keys?: Record<string, string>;
  cluster?: string;
  host?: string;
  path?: string;
  query?: Record<string, string>;
  expiresIn?: number;
  at?: number;
  service?: string;
  signCluster?: boolean;
}

/** A token made as AWS's own clients make it, by a signer that is not ours. */
async function mint({
  keys = writer,
  cluster = "local",
  host = "sts.us-east-1.amazonaws.com",
  path = "/",
  query,
  expiresIn = 60,
  at = now,
  service = "sts",
  signCluster = true,
}: Minting = {}) {
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: keys.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: keys.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: keys.AWS_SESSION_TOKEN,
    },
    region: "us-east-1",
    ...{ service, sha256: Sha256 },
  });
  const presigned = await signer.presign(
    {
      ...{ method: "GET", protocol: "https:", hostname: host, path },
      headers: { host, ...(signCluster ? { "x-k8s-aws-id": cluster } : {}) },
      query: query ?? { Action: "GetCallerIdentity", Version: "2011-06-15" },
    },
    { expiresIn, signingDate: new Date(at), unhoistableHeaders: new Set(["x-k8s-aws-id"]) },
  );
  const parameters = new URLSearchParams(presigned.query as Record<string, string>);
  return encode(`https://${host}${path}?${parameters}`);
}

const encode = (url: string): string => `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
const changed = (token: string, change: (url: string) => string): string =>
  encode(change(Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString()));

describe("an EKS token", () => {
  it("speaks for the role that its access entry names, with the groups of the entry", async () => {
    expect(await check(await mint())).toEqual({
      username: "arn:aws:sts::000000000000:assumed-role/App-Role/ProvisionSlot",
      groups: ["slipway:writer"],
      arn: roleArn,
    });
  });

  it("of the person at the keyboard administers the cluster", async () => {
    const keys = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
    expect(await check(await mint({ keys }))).toMatchObject({ groups: ["system:masters"] });
  });

  it("that was accepted is refused when its time is over, or its key was issued anew", async () => {
    const issuer = new Credentials();
    let at = now;
    const authenticate = eksAuthenticator({ application, credentials: issuer, cluster: "local", admits_person: false, now: () => at });
    const token = await mint({ keys: issuer.issue(roleArn, "Watch") });
    for (let time = 0; time < 2; time += 1) expect(await authenticate(token)).toMatchObject({ arn: roleArn });
    at = now + 16 * 60_000;
    expect(await authenticate(token)).toEqual({ error: expect.stringContaining("expired") });
    at = now;
    issuer.issue(roleArn, "Watch");
    expect(await authenticate(token)).toEqual({ error: expect.stringContaining("security token") });
  });

  it.each<[string, Minting]>([
    ["from the global STS", { host: "sts.amazonaws.com" }],
    ["that says it is valid for 15 minutes", { expiresIn: 900 }],
    ["almost 15 minutes old", { at: now - 14 * 60_000 }],
    ["of a clock a little ahead", { at: now + 60_000 }],
  ])("is accepted %s", async (_name, minting) => {
    expect(await check(await mint(minting))).toMatchObject({ arn: roleArn });
  });

  it.each<[string, Minting, string]>([
    ["for another cluster", { cluster: "other" }, "not for the cluster local"],
    ["that did not sign the cluster's name", { signCluster: false }, "did not sign the x-k8s-aws-id header"],
    ["older than 15 minutes", { at: now - 16 * 60_000 }, "expired"],
    ["from the far future", { at: now + 16 * 60_000 }, "future"],
    ["that says it is valid for longer", { expiresIn: 901 }, "invalid X-Amz-Expires"],
    ["of another host", { host: "sts.us-east-1.example.com" }, "unexpected hostname"],
    ["of a host that only ends alike", { host: "evil-sts.amazonaws.com" }, "unexpected hostname"],
    ["of another path", { path: "/other" }, "unexpected path"],
    ["of another action", { query: { Action: "AssumeRole", Version: "2011-06-15" } }, "unexpected action"],
    [
      "with a parameter beyond those allowed",
      { query: { Action: "GetCallerIdentity", Version: "2011-06-15", Extra: "1" } },
      "non-whitelisted",
    ],
    ["of another service", { service: "s3" }, "not scoped to STS"],
    ["of an access key that nobody issued", { keys: { AWS_ACCESS_KEY_ID: "ASIAUNKNOWN", AWS_SECRET_ACCESS_KEY: "x" } }, "not issued"],
    ["of a wrong secret", { keys: { ...writer, AWS_SECRET_ACCESS_KEY: "wrong" } }, "does not match"],
    ["of a wrong session token", { keys: { ...writer, AWS_SESSION_TOKEN: "wrong" } }, "security token"],
    ["of a role without access entry", { keys: stranger }, "no access entry"],
  ])("is refused %s", async (_name, minting, why) => {
    expect(await check(await mint(minting))).toEqual({ error: expect.stringContaining(why) });
  });

  it.each<[string, (token: string) => string, string]>([
    ["without its prefix", (token) => token.slice(4), "prefix"],
    ["with padding", (token) => `${token}==`, "not unpadded base64url"],
    ["that is no URL", () => `k8s-aws-v1.${Buffer.from("hello").toString("base64url")}`, "does not hold a URL"],
    ["that is too long", (token) => token + "A".repeat(5000), "too large"],
    ["over plain http", (token) => changed(token, (url) => url.replace("https:", "http:")), "unexpected scheme"],
    ["with a parameter twice", (token) => changed(token, (url) => `${url}&X-Amz-Date=20261121T091203Z`), "multiple values"],
    [
      "with a date of another form",
      (token) => changed(token, (url) => url.replace(/X-Amz-Date=\w+/, "X-Amz-Date=yesterday")),
      "error parsing X-Amz-Date",
    ],
    [
      "with a date moved on",
      (token) => changed(token, (url) => url.replace(/X-Amz-Date=\w+/, "X-Amz-Date=20261121T091303Z")),
      "does not match",
    ],
  ])("is refused %s", async (_name, change, why) => {
    expect(await check(change(await mint()))).toEqual({ error: expect.stringContaining(why) });
  });
});
