import { describe, expect, it } from "vitest";
import { generatedRequest } from "../../lambdas/smoke-test/generated-request.ts";

const metadata = (inputs: unknown) => ({ name: "m", platform: "", inputs, outputs: [] });
const input = (over: object) => metadata([{ name: "x", datatype: "FP32", shape: [-1, 4], ...over }]);

describe("a request made from metadata", () => {
  it("has every tensor in its type and shape, with an open batch of one", () => {
    const inputs = [
      { name: "pixels", datatype: "FP32", shape: [-1, 2, 3] },
      { name: "mask", datatype: "BOOL", shape: [1, 2] },
      { name: "ids", datatype: "INT64", shape: [2] },
    ];
    expect(generatedRequest(metadata(inputs))).toEqual({
      isCertain: true,
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
    const made = generatedRequest(input(over));
    expect(made?.isCertain).toBe(false);
    expect(made?.body.inputs[0]?.shape).toEqual(shape);
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
  ])("is none where the metadata is %s", (_what, given) => expect(generatedRequest(given)).toBeUndefined());
});
