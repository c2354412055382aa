import * as ort from "onnxruntime-web";
import type { DataType, NamedTensor } from "../open-inference/tensor.ts";

/** ONNX element types of the protocol's datatypes. */
const elementTypes = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Record<DataType, ort.Tensor.Type>;

export function dataTypeOf(elementType: ort.Tensor.Type): DataType {
  const found = (Object.keys(elementTypes) as DataType[]).find((datatype) => elementTypes[datatype] === elementType);
  if (!found) throw new Error(`element type ${elementType} has no datatype in the Open Inference Protocol`);
  return found;
}

export function toOnnx(tensor: NamedTensor): ort.Tensor {
  const { datatype, data, shape } = tensor;
  const type = elementTypes[datatype];
  if (type === "bool") return new ort.Tensor("bool", data as boolean[], shape);
  if (type === "string") return new ort.Tensor("string", data as string[], shape);
  if (type === "int64") return new ort.Tensor("int64", BigInt64Array.from(data as number[], BigInt), shape);
  if (type === "uint64") return new ort.Tensor("uint64", BigUint64Array.from(data as number[], BigInt), shape);
  return new ort.Tensor(type, data as number[], shape);
}

export function toProtocol(name: string, tensor: ort.Tensor): NamedTensor {
  const datatype = dataTypeOf(tensor.type);
  const values = Array.from(tensor.data as ArrayLike<number | bigint | boolean | string>);
  const data = values.map((value) => {
    if (datatype === "BOOL") return Boolean(value);
    return typeof value === "bigint" ? Number(value) : value;
  });
  return { name, datatype, shape: [...tensor.dims], data };
}
