import { expect, test } from "vitest";
import { copiesOf } from "../../../domain/manifests/artifacts.ts";
import type { ServedComponent } from "../../../domain/manifests/server.ts";

const source = (artifact_uri: string, runtime: string | null): string | undefined => {
  const served = { resolved: { artifact_uri }, specification: { runtime } } as unknown as ServedComponent;
  return copiesOf(served)[0]?.source;
};

test.each([
  ["s3://models/flowers/1", "s3://models/flowers/1/"],
  ["s3://models/flowers/1/", "s3://models/flowers/1/"],
  ["s3://models/flowers.v2/1", "s3://models/flowers.v2/1/"],
  ["s3://models/flowers/model.onnx", "s3://models/flowers/model.onnx"],
  ["s3://models/flowers/model.tar.gz", "s3://models/flowers/model.tar.gz"],
  ["s3://models/flowers/v1.2", "s3://models/flowers/v1.2"],
  ["gs://models/flowers/1", "gs://models/flowers/1"],
  ["hf://acme/flowers", "hf://acme/flowers"],
  ["pvc://claim/flowers", "pvc://claim/flowers"],
])("the artifact %s of a runtime is asked for as %s", (uri, asked) => {
  expect(source(uri, "sklearn")).toBe(asked);
});

test("an image of one's own may take a file without an extension", () => {
  expect(source("s3://models/flowers/1", null)).toBe("s3://models/flowers/1");
});

test("a folder of scripts is asked for as one, too", () => {
  const specification = { runtime: "node", script_uri: "s3://scripts/features/2" };
  const served = { resolved: { artifact_uri: null }, specification } as unknown as ServedComponent;
  expect(copiesOf(served)).toEqual([{ source: "s3://scripts/features/2/", directory: "/mnt/scripts", volume: "script" }]);
});
