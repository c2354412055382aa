import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";
import { presignUrl, signHeaders, type Unsigned } from "../../lambdas/runtime/aws-signature.ts";

// cspell:ignore AKIDEXAMPLE unsignable
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const region = "us-east-1";

describe("signing, by the vectors that AWS publishes for Signature Version 4", () => {
  const at = new Date("2015-08-30T12:36:00Z");
  const sessionToken =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
  const vectors: [name: string, given: Partial<Omit<Unsigned, "url">> & { path?: string }, token: string | undefined, signature: string][] =
    [
      ["get-vanilla", {}, undefined, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
      ["post-vanilla", { method: "POST" }, undefined, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
      [
        "get-vanilla-query-order-key-case",
        { path: "/?Param2=value2&Param1=value1" },
        undefined,
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
      ],
      [
        "get-header-value-trim",
        { headers: { "My-Header1": " value1", "My-Header2": ' "a   b   c"' } },
        undefined,
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
      ],
      ["post-sts-header-before", { method: "POST" }, sessionToken, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"],
    ];
  it.each(vectors)("%s", (_name, { path = "/", ...given }, token, signature) => {
    const url = new URL(path, "https://example.amazonaws.com");
    const request = { service: "service", region, method: "GET", headers: {}, body: "", ...given, url };
    const { Authorization } = signHeaders(request, { ...credentials, sessionToken: token }, at);
    expect(Authorization).toContain("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ");
    expect(Authorization).toMatch(new RegExp(`Signature=${signature}$`));
  });
});

describe("signing, as the SDK's own signer does it", () => {
  const at = new Date("2026-11-21T09:12:03Z");
  const signer = (service: string) => {
    const given = { ...credentials, sessionToken: "a+token/==" };
    return new SignatureV4({ service, region, credentials: given, sha256: Sha256, uriEscapePath: service !== "s3", applyChecksum: false });
  };
  const by = { ...credentials, sessionToken: "a+token/==" };

  it.each<[string, string, string, string]>([
    ["dynamodb", "POST", "/", '{"TableName":"café"}'],
    ["dynamodb", "POST", "/aws/", "{}"],
    ["eks", "GET", "/clusters/a%20b", ""],
    ["s3", "PUT", "/bucket/01U/01O/smoke%20tests%3A1.json", '{"passed":true}'],
    ["s3", "PUT", "/bucket/%C3%BC%2Fa%2A%28b%29%21", "x"],
  ])("%s %s %s", async (service, method, path, body) => {
    const url = new URL(path, "https://service.us-east-1.amazonaws.com:8443");
    const { Authorization, ...signed } = signHeaders({ service, region, url, method, headers: { "x-amz-target": "A.B" }, body }, by, at);
    const headers = Object.fromEntries(Object.entries(signed).map(([name, value]) => [name, String(value)]));
    const request = { method, protocol: "https:", hostname: url.hostname, path, headers, body };
    const theirs = await signer(service).sign(request, { signingDate: at });
    const signature = (text: string | undefined) => /SignedHeaders=.*$/.exec(text ?? "")?.[0].replaceAll(/, */g, ",");
    expect(signature(Authorization)).toBe(signature(theirs.headers.authorization));
  });

  it.each(["dynamodb", "s3"])("%s, with a query", async (service) => {
    const query = { "list-type": "2", prefix: "a/b c~*'()!+ü", a: "2", "a-b": "1", A: "", "a.b": "x=y&z" };
    const url = new URL(`https://service.us-east-1.amazonaws.com/a?${new URLSearchParams(query)}`);
    const { Authorization, ...headers } = signHeaders({ service, region, url, method: "GET", headers: {}, body: "" }, by, at);
    const request = { method: "GET", protocol: "https:", hostname: url.hostname, path: "/a", query, headers };
    const theirs = await signer(service).sign(request, { signingDate: at });
    expect(Authorization).toBe(theirs.headers.authorization);
  });

  it("signs what S3 is to store, and in a URL nothing of what it gives", async () => {
    const url = new URL("https://bucket.s3.us-east-1.amazonaws.com/exports/a%20b%3A1.txt");
    const ours = presignUrl({ service: "s3", region, url, headers: {} }, by, { at, expiresSeconds: 600 });
    const request = { method: "GET", protocol: "https:", hostname: url.hostname, path: url.pathname, headers: { host: url.host } };
    const unsigned = { ...request, headers: { ...request.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } };
    const theirs = await signer("s3").presign(unsigned, {
      expiresIn: 600,
      signingDate: at,
      unhoistableHeaders: new Set(["x-amz-content-sha256"]),
      unsignableHeaders: new Set(["x-amz-content-sha256"]),
    });
    expect(ours.searchParams.get("X-Amz-Signature")).toBe(theirs.query?.["X-Amz-Signature"]);
    expect(signHeaders({ service: "s3", region, url, method: "PUT", headers: {}, body: "text" }, by, at)).toMatchObject({
      "x-amz-content-sha256": "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1",
    });
  });

  it("for another secret, service or day with another key", () => {
    const url = new URL("https://service.us-east-1.amazonaws.com/");
    const request = { service: "dynamodb", region, url, method: "GET", headers: {}, body: "" };
    const signatures = [
      signHeaders(request, by, at),
      signHeaders(request, { ...by, secretAccessKey: "another" }, at),
      signHeaders({ ...request, service: "states" }, by, at),
      signHeaders(request, by, new Date("2026-11-22T09:12:03Z")),
      signHeaders(request, by, at),
    ].map(({ Authorization = "" }) => Authorization.split("Signature=")[1]);
    expect(new Set(signatures).size).toBe(4);
    expect(signatures[4]).toBe(signatures[0]);
  });

  it("in a URL", async () => {
    const headers = { host: "sts.us-east-1.amazonaws.com", "x-k8s-aws-id": "prod" };
    const url = new URL("https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15");
    const ours = presignUrl({ service: "sts", region, url, headers }, by, { at, expiresSeconds: 60 });
    const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
    const request = { method: "GET", protocol: "https:", hostname: url.hostname, path: "/", query, headers };
    const theirs = await signer("sts").presign(request, { expiresIn: 60, signingDate: at, unhoistableHeaders: new Set(["x-k8s-aws-id"]) });
    expect(Object.fromEntries(ours.searchParams)).toEqual(theirs.query);
  });
});
