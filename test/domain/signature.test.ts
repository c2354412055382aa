import { describe, expect, it } from "vitest";
import { differencesIn, type Signature, signatureIn, signatureSeen } from "../../domain/signature.ts";

const x = { name: "x", datatype: "FP32" as const, shape: [-1, 4] };
const y = { name: "y", datatype: "INT64" as const, shape: [-1] };
const metadata = { name: "m", versions: null, platform: "", inputs: [x], outputs: [y] };

describe("a signature read from a server's metadata", () => {
  it("has its tensors in their order", () => expect(signatureIn(metadata)).toEqual({ inputs: [x], outputs: [y] }));

  it.each([
    ["a size by name", { shape: ["batch", 4] }, [-1, 4]],
    ["null for a size", { shape: [null, 4] }, [-1, 4]],
    ["no shape", { shape: undefined }, []],
    ["null for a shape", { shape: null }, []],
    ["an empty shape", { shape: [] }, []],
  ])("leaves open what is told as %s", (_what, over, shape) => {
    expect(signatureIn({ inputs: [{ ...x, ...over }] })).toEqual({ inputs: [{ ...x, shape }], outputs: [] });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "metadata"],
    ["no tensors", { name: "m", inputs: [], outputs: null }],
    ["a tensor without a name", { inputs: [{ datatype: "FP32", shape: [1] }] }],
    ["null for a tensor", { inputs: [null] }],
    ["a type that the protocol does not have", { inputs: [{ ...x, datatype: "float" }] }],
    ["more tensors than are kept", { inputs: Array.from({ length: 101 }, (_, index) => ({ ...x, name: `x${index}` })) }],
  ])("is none where that is %s", (_what, given) => expect(signatureIn(given)).toBeUndefined());
});

describe("a signature in an operation's evidence", () => {
  const evidence = (body: string | null, over: object = {}) => ({
    ...{ key: null, conditions: [], events: [], logs: [], digests: {}, judgements: [] },
    smoke_tests: [
      {
        ...{ name: "model metadata", passed: true, failure: null },
        request: { method: "GET", path: "/v2/models/m", body: null },
        response: { status: 200, body, latency_ms: 1 },
        ...over,
      },
    ],
  });
  it("is in the answer about the metadata, as far as that passed and is JSON", () => {
    expect(signatureSeen(evidence(JSON.stringify(metadata)))).toEqual({ inputs: [x], outputs: [y] });
    expect(signatureSeen(evidence(JSON.stringify(metadata), { passed: false }))).toBeUndefined();
    expect(signatureSeen(evidence("<html>"))).toBeUndefined();
    expect(signatureSeen(evidence(null))).toBeUndefined();
  });

  it("stands beside an answer that was cut", () => {
    const signature: Signature = { inputs: [x], outputs: [] };
    expect(signatureSeen({ ...evidence('{"name":"m","inp'), signature })).toEqual(signature);
  });
});

describe("the differences between what was registered and what a server tells", () => {
  const of = (registered: Partial<Signature>, seen: Partial<Signature>) =>
    differencesIn({ inputs: [x], outputs: [], ...registered }, { inputs: [x], outputs: [], ...seen });

  it.each<[string, Partial<Signature>, Partial<Signature>]>([
    ["the same", {}, {}],
    ["an open size for a fixed one", {}, { inputs: [{ ...x, shape: [1, 4] }] }],
    ["a fixed size for an open one", { inputs: [{ ...x, shape: [1, 4] }] }, {}],
    ["no shape", {}, { inputs: [{ ...x, shape: [] }] }],
    ["no inputs", {}, { inputs: [], outputs: [y] }],
    ["outputs that were not registered at all", {}, { outputs: [y] }],
    ["another order", { inputs: [x, y] }, { inputs: [y, x] }],
  ])("are none with %s", (_what, registered, seen) => expect(of(registered, seen)).toEqual([]));

  it.each<[string, Partial<Signature>, Partial<Signature>, string[]]>([
    ["type", {}, { inputs: [{ ...x, datatype: "FP64" }] }, ["inputs.x: the server tells FP64 [-1, 4], registered is FP32 [-1, 4]"]],
    ["size", {}, { inputs: [{ ...x, shape: [-1, 5] }] }, ["inputs.x: the server tells FP32 [-1, 5], registered is FP32 [-1, 4]"]],
    ["dimensions", {}, { inputs: [{ ...x, shape: [4] }] }, ["inputs.x: the server tells FP32 [4], registered is FP32 [-1, 4]"]],
    [
      "names",
      {},
      { inputs: [{ ...x, name: "z" }] },
      ["inputs.x: registered, and not told by the server", "inputs.z: told by the server, and not registered"],
    ],
    ["outputs", { outputs: [x, y] }, { outputs: [y] }, ["outputs.x: registered, and not told by the server"]],
  ])("are told of %s", (_what, registered, seen, differences) => expect(of(registered, seen)).toEqual(differences));
});
