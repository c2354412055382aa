import { describe, expect, it } from "vitest";
import type { Signature } from "../../domain/signature.ts";
import { generatedRequest } from "../../lambdas/smoke-test/generated-request.ts";

const made = (metadata: unknown, signature?: Signature) => generatedRequest({ metadata, signature });
const metadata = (inputs: unknown) => ({ name: "m", platform: "", inputs, outputs: [] });
const input = (over: object) => metadata([{ name: "x", datatype: "FP32", shape: [-1, 4], ...over }]);

describe("a request made from metadata", () => {
  it("has every tensor in its type and shape, with an open batch of one", () => {
    const inputs = [
      { name: "pixels", datatype: "FP32", shape: [-1, 2, 3] },
      { name: "mask", datatype: "BOOL", shape: [1, 2] },
      { name: "ids", datatype: "INT64", shape: [2] },
    ];
    expect(made(metadata(inputs))).toEqual({
      isCertain: true,
      madeFrom: "the model's own metadata",
      body: {
        inputs: [
          { name: "pixels", datatype: "FP32", shape: [1, 2, 3], data: [0, 0, 0, 0, 0, 0] },
          { name: "mask", datatype: "BOOL", shape: [1, 2], data: [false, false] },
          { name: "ids", datatype: "INT64", shape: [2], data: [0, 0] },
        ],
      },
    });
  });

  it.each([
    ["an open size beside the batch", { shape: [-1, -1] }, [1, 1]],
    ["a size by name", { shape: ["batch", 4] }, [1, 4]],
    ["no shape", { shape: undefined }, [1]],
    ["null for a shape", { shape: null }, [1]],
    ["an empty shape", { shape: [] }, [1]],
    ["a text, whose look nobody tells", { datatype: "BYTES", shape: [1] }, [1]],
  ])("is a guess with %s", (_what, over, shape) => {
    const request = made(input(over));
    expect(request?.isCertain).toBe(false);
    expect(request?.body.inputs[0]?.shape).toEqual(shape);
  });

  it.each([
    ["nothing at all", undefined],
    ["an array", []],
    ["a string", "metadata"],
    ["no inputs", metadata([])],
    ["null for inputs", metadata(null)],
    ["an input without a name", metadata([{ datatype: "FP32", shape: [1] }])],
    ["a type that the protocol does not have", input({ datatype: "STRING" })],
    ["more elements than a request should have", input({ shape: [1, 100_000, 100_000] })],
  ])("is none where the metadata is %s", (_what, given) => expect(made(given)).toBeUndefined());
});

describe("a request made from metadata and what a version was registered with", () => {
  const registered: Signature = {
    inputs: [
      { name: "x", datatype: "FP32", shape: [-1, 4] },
      { name: "ids", datatype: "INT64", shape: [2] },
    ],
    outputs: [],
  };
  const shapes = (given: unknown) => made(given, registered)?.body.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }));

  it.each([
    ["an empty shape", { shape: [] }],
    ["null for a shape", { shape: null }],
    ["open sizes", { shape: [-1, -1] }],
    ["sizes by name", { shape: ["batch", "columns"] }],
    ["no type", { datatype: undefined, shape: [-1, 4] }],
  ])("takes from the latter what a server leaves open by %s", (_what, over) => {
    const given = input(over);
    expect(shapes(given)).toEqual([{ name: "x", datatype: "FP32", shape: [1, 4] }]);
    expect(made(given, registered)?.isCertain).toBe(true);
  });

  it.each([
    ["its own sizes", { shape: [1, 9] }, { datatype: "FP32", shape: [1, 9] }],
    ["its own type", { datatype: "FP64" }, { datatype: "FP64", shape: [1, 4] }],
    ["another number of dimensions", { shape: [-1, 4, -1] }, { datatype: "FP32", shape: [1, 4, 1] }],
    ["another tensor", { name: "y", shape: [-1, -1] }, { name: "y", datatype: "FP32", shape: [1, 1] }],
  ])("believes a server that tells %s", (_what, over, expected) => {
    expect(shapes(input(over))).toEqual([{ name: "x", ...expected }]);
  });

  it.each([
    ["nothing", undefined],
    ["no inputs", metadata([])],
    ["null for inputs", metadata(null)],
  ])("is made of the latter alone where the server tells %s", (_what, given) => {
    expect(shapes(given)).toEqual([
      { name: "x", datatype: "FP32", shape: [1, 4] },
      { name: "ids", datatype: "INT64", shape: [2] },
    ]);
  });
});
