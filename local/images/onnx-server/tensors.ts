import * as ort from "onnxruntime-web";
import { BadRequest } from "./protocol-error.ts";

/** Datatypes of the Open Inference Protocol V2 beside their ONNX element types. */
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
} as const;
export type DataType = keyof typeof elementTypes;

/** A tensor as it crosses the wire: `data` flat, in row-major order. */
export interface NamedTensor {
  name: string;
  datatype: DataType;
  shape: number[];
  data: (number | boolean | string)[];
}

const integerRanges: Partial<Record<DataType, [bigint, bigint]>> = {
  UINT8: [0n, 2n ** 8n - 1n],
  UINT16: [0n, 2n ** 16n - 1n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
  INT8: [-(2n ** 7n), 2n ** 7n - 1n],
  INT16: [-(2n ** 15n), 2n ** 15n - 1n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
};

export function dataTypeOf(elementType: ort.Tensor.Type): DataType {
  const found = (Object.keys(elementTypes) as DataType[]).find((datatype) => elementTypes[datatype] === elementType);
  if (!found) throw new Error(`element type ${elementType} has no datatype in the Open Inference Protocol`);
  return found;
}

/** Reads one entry of a request's `inputs`; data may be flat or nested as the shape. */
export function parseTensor(entry: unknown, index: number): NamedTensor {
  if (typeof entry !== "object" || entry === null) throw new BadRequest(`inputs[${index}] is no object`);
  const { name, shape, datatype, data } = entry as Record<string, unknown>;
  if (typeof name !== "string" || name === "") throw new BadRequest(`inputs[${index}].name is missing`);
  if (!isShape(shape)) throw new BadRequest(`input "${name}": shape must be a list of whole numbers, given ${JSON.stringify(shape)}`);
  if (typeof datatype !== "string" || !(datatype in elementTypes)) {
    throw new BadRequest(`input "${name}": datatype ${JSON.stringify(datatype)} is none of ${Object.keys(elementTypes).join(", ")}`);
  }
  if (!Array.isArray(data)) throw new BadRequest(`input "${name}": data must be a list`);
  const flat = data.flat(Number.POSITIVE_INFINITY) as unknown[];
  const wanted = shape.reduce((product, size) => product * size, 1);
  if (flat.length !== wanted) throw new BadRequest(`input "${name}": shape [${shape}] needs ${wanted} values, data has ${flat.length}`);
  return { name, shape, datatype: datatype as DataType, data: flat.map((value) => checkValue(name, datatype as DataType, value)) };
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

function isShape(shape: unknown): shape is number[] {
  return Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function checkValue(name: string, datatype: DataType, value: unknown): number | boolean | string {
  const range = integerRanges[datatype];
  const fits = range
    ? Number.isSafeInteger(value) && BigInt(value as number) >= range[0] && BigInt(value as number) <= range[1]
    : typeof value === (datatype === "BOOL" ? "boolean" : datatype === "BYTES" ? "string" : "number");
  if (!fits) throw new BadRequest(`input "${name}": ${JSON.stringify(value) ?? "a hole"} is no ${datatype}`);
  return value as number | boolean | string;
}
