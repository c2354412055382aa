import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import type { Classifier } from "./train.ts";

const float = 1;
const int64 = 7;
const attributeInt = 2;
const schema = protobuf.parse(readFileSync(new URL("onnx.proto", import.meta.url), "utf8"), { keepCase: true }).root;

/**
 * The classifier as an ONNX file: `input` FP32 [rows, features] → `label` INT64 [rows], `probabilities` FP32 [rows, classes].
 * Standardisation is part of the graph, so that callers send raw measurements.
 */
export function exportOnnx(classifier: Classifier): Uint8Array {
  const features = classifier.mean.length;
  const classes = classifier.classes.length;
  const model = schema.lookupType("onnx.ModelProto");
  const document = model.fromObject({
    ir_version: 8,
    producer_name: "slipway-sample",
    producer_version: "1",
    opset_import: [{ domain: "", version: 13 }],
    graph: {
      name: "iris",
      node: [
        { op_type: "Sub", name: "centre", input: ["input", "mean"], output: ["centred"] },
        { op_type: "Div", name: "scale", input: ["centred", "deviation"], output: ["standardised"] },
        { op_type: "Gemm", name: "score", input: ["standardised", "weights", "bias"], output: ["scores"] },
        { op_type: "Softmax", name: "normalise", input: ["scores"], output: ["probabilities"], attribute: [integer("axis", 1)] },
        {
          op_type: "ArgMax",
          name: "choose",
          input: ["scores"],
          output: ["label"],
          attribute: [integer("axis", 1), integer("keepdims", 0)],
        },
      ],
      initializer: [
        tensor("mean", [features], classifier.mean),
        tensor("deviation", [features], classifier.deviation),
        tensor("weights", [features, classes], classifier.weights.flat()),
        tensor("bias", [classes], classifier.bias),
      ],
      input: [value("input", float, ["rows", features])],
      output: [value("label", int64, ["rows"]), value("probabilities", float, ["rows", classes])],
    },
  });
  return model.encode(document).finish();
}

function integer(name: string, i: number) {
  return { name, i, type: attributeInt };
}

function tensor(name: string, dims: number[], values: number[]) {
  return { name, dims, data_type: float, float_data: values };
}

function value(name: string, elementType: number, shape: (number | string)[]) {
  const dim = shape.map((size) => (typeof size === "number" ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: elementType, shape: { dim } } } };
}
