import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AwsService, awsSurroundings, serviceUrl } from "../../lambdas/runtime/aws-surroundings.ts";

beforeEach(() => {
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SFN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_REGION", "eu-central-1");
});
afterEach(() => vi.unstubAllEnvs());

const urlOf = (service: AwsService) => serviceUrl(service, awsSurroundings(service)).href;

describe("where a service is", () => {
  it("is its address in the function's region", () => {
    expect(urlOf("SFN")).toBe("https://states.eu-central-1.amazonaws.com/");
    vi.stubEnv("AWS_REGION", "cn-north-1");
    expect(urlOf("DYNAMODB")).toBe("https://dynamodb.cn-north-1.amazonaws.com.cn/");
  });

  it("is what the environment says, of that service before that of all", () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:4000/aws");
    vi.stubEnv("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:5000");
    expect([urlOf("SFN"), urlOf("S3")]).toEqual(["http://127.0.0.1:5000/", "http://127.0.0.1:4000/aws"]);
    vi.stubEnv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    expect(urlOf("SFN")).toBe("https://states.eu-central-1.amazonaws.com/");
  });

  it("is nowhere without a region", () => {
    vi.stubEnv("AWS_REGION", undefined);
    expect(() => awsSurroundings("S3")).toThrow("AWS_REGION");
  });
});

describe("credentials", () => {
  it("are the function's own, and asked for by name when they are missing", async () => {
    const { credentials } = awsSurroundings("S3");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "a");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "b");
    vi.stubEnv("AWS_SESSION_TOKEN", "c");
    expect(await credentials()).toEqual({ accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" });
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    await expect(credentials()).rejects.toThrow("AWS_SECRET_ACCESS_KEY");
  });
});
