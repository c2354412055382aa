import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseModelUri } from "../../contract/model-uri.ts";

describe("a model location", () => {
  it.each([
    ["s3://artifacts/demo/iris/1", { scheme: "s3", place: "artifacts", path: "demo/iris/1" }],
    ["s3://artifacts/demo/iris/", { scheme: "s3", place: "artifacts", path: "demo/iris/" }],
    ["gs://kfserving-examples/models/x.joblib", { scheme: "gs", place: "kfserving-examples", path: "models/x.joblib" }],
    ["hf://meta-llama/Llama-3.1-8B", { scheme: "hf", place: "meta-llama", path: "Llama-3.1-8B" }],
    ["hf://org/model:main", { scheme: "hf", place: "org", path: "model:main" }],
    ["oci://registry.example:5000/team/model:1", { scheme: "oci", place: "registry.example:5000", path: "team/model:1" }],
    ["pvc://claim", { scheme: "pvc", place: "claim", path: "" }],
    ["pvc://claim/a/b", { scheme: "pvc", place: "claim", path: "a/b" }],
    ["https://models.example/a/b.onnx", { scheme: "https", place: "models.example", path: "a/b.onnx" }],
    ["https://models.example:8443/a", { scheme: "https", place: "models.example:8443", path: "a" }],
  ])("%s", (text, parts) => expect(parseModelUri(text)).toEqual(parts));

  it.each([
    "",
    "iris",
    "S3://bucket/key",
    "http://models.example/a",
    "file:///etc/passwd",
    "s3:bucket/key",
    "s3://bucket",
    "s3://bucket/",
    "s3:///key",
    "s3://bucket/a/../b",
    "s3://bucket/..",
    "s3://bucket/./a",
    "s3://bucket//a",
    "s3://bucket/%2e%2e/a",
    "s3://bucket/a\\b",
    "s3://bucket/a#b",
    "s3://bucket/a?versionId=1",
    "s3://bucket/a b",
    "s3://bucket/a\u0000",
    "s3://bucket/a\n",
    "s3://bucket/ä",
    "s3://user:pass@bucket/key",
    "hf://org",
    "hf://org/model/extra",
    "hf://../model",
    "oci://registry.example",
    "oci://registry.example/Team/model",
    "pvc://",
    "pvc://claim/../other",
    "https://models.example",
    "https://models.example/",
    "https://user@models.example/a",
    "https://user:pass@models.example/a",
    `https://models.example/${"a".repeat(1100)}`,
  ])("%j is refused", (text) => expect(parseModelUri(text)).toEqual({ wrong: expect.any(String) }));

  it.each([
    "127.0.0.1",
    "127.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "2130706433",
    "169.254.169.254",
    "10.0.0.1",
    "192.168.1.1",
    "8.8.8.8",
    "[::1]",
    "[fe80::1]",
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "metadata.google.internal",
    "models",
    "models.example.",
    ".models.example",
    "models..example",
    "models.example:99999",
    "models.example:",
  ])("at https host %s is refused", (host) => expect(parseModelUri(`https://${host}/a`)).toEqual({ wrong: expect.any(String) }));

  it("is what was written, part by part", () => {
    const text = fc.tuple(fc.constantFrom("s3", "hf", "oci", "pvc", "gs", "https"), fc.string({ unit: "binary" }), fc.string());
    fc.assert(
      fc.property(text, ([scheme, place, path]) => {
        const written = `${scheme}://${place}/${path}`;
        const parsed = parseModelUri(written);
        if ("wrong" in parsed) return;
        expect(`${parsed.scheme}://${parsed.place}/${parsed.path}`).toBe(written);
        expect(written).not.toMatch(/[%\\#?\s]|\/\.\.(\/|$)/);
        // Credentials stand before the first slash; further on an @ is a part of the name.
        expect(parsed.place).not.toContain("@");
      }),
      { numRuns: 2000 },
    );
  });
});
