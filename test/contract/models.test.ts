// cspell:ignore onnxx
import { describe, expect, it } from "vitest";
import { groupBody } from "../../contract/groups.ts";
import { createModelBody, registerVersionBody } from "../../contract/models.ts";
import { parse } from "../../contract/parse.ts";
import { errorsOf } from "./bodies.ts";

const artifact_uri = "s3://artifacts/demo/iris/1";

const input = { name: "x", datatype: "FP32", shape: [-1, 4] };
const signed = (over: object) => ({ artifact_uri, signature: { inputs: [{ ...input, ...over }] } });

describe("a model version", () => {
  it("needs but its artifact", () => {
    expect(parse(registerVersionBody, { artifact_uri }, "body")).toEqual({
      artifact_uri,
      runtime: null,
      framework: null,
      training_job: null,
      metrics: {},
      metadata: {},
      signature: null,
      checksum: null,
    });
  });

  it("may say what it takes and gives, with open sizes and of scalars", () => {
    const signature = { inputs: [input, { name: "ids", datatype: "INT64", shape: [] }] };
    expect(parse(registerVersionBody, { artifact_uri, signature }, "body").signature).toEqual({ ...signature, outputs: [] });
  });

  it.each<[object, string]>([
    [{}, "artifact_uri"],
    [{ artifact_uri: "/tmp/model" }, "artifact_uri"],
    [{ artifact_uri, runtime: "onnxx" }, "runtime"],
    [{ artifact_uri, metrics: { accuracy: "0.9" } }, "metrics.accuracy"],
    [{ artifact_uri, metrics: { "a b": 1 } }, "metrics.a b"],
    [{ artifact_uri, checksum: "md5:1" }, "checksum"],
    [{ artifact_uri, signature: { inputs: [] } }, "signature.inputs"],
    [{ artifact_uri, signature: { inputs: [input, input] } }, "signature.inputs"],
    [{ artifact_uri, signature: { inputs: [input], params: [] } }, "signature.params"],
    [signed({ name: "" }), "signature.inputs.0.name"],
    [signed({ datatype: "float" }), "signature.inputs.0.datatype"],
    [signed({ shape: [0] }), "signature.inputs.0.shape.0"],
    [signed({ shape: [-2] }), "signature.inputs.0.shape.0"],
    [signed({ shape: ["batch"] }), "signature.inputs.0.shape.0"],
    [{ artifact_uri, version: 3 }, "version"],
    [{ artifact_uri, registered_by: "me" }, "registered_by"],
  ])("%j is refused at %s", (body, path) => {
    expect(errorsOf(() => parse(registerVersionBody, body, "body")).map((error) => error.path)).toEqual([path]);
  });
});

it("makes a model of its group and name", () => {
  expect(parse(createModelBody, { group: "demo", name: "iris" }, "body")).toEqual({ group: "demo", name: "iris", description: "" });
  expect(errorsOf(() => parse(createModelBody, { group: "demo", name: "Iris" }, "body")).map((error) => error.path)).toEqual(["name"]);
});

it("takes nothing for a group that would have no effect", () => {
  expect(parse(groupBody, {}, "body")).toEqual({});
  expect(errorsOf(() => parse(groupBody, { quota: 3 }, "body"))[0]).toEqual({
    path: "quota",
    message: expect.stringContaining("known: model_locations"),
  });
});
