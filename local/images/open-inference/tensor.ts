import { BadRequest } from "./bad-request.ts";

/** Datatypes of the Open Inference Protocol V2. */
export const dataTypes = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;
export type DataType = (typeof dataTypes)[number];

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

/** Reads one entry of a request's `inputs`; data may be flat or nested as the shape. */
export function parseTensor(entry: unknown, index: number): NamedTensor {
  if (typeof entry !== "object" || entry === null) throw new BadRequest(`inputs[${index}] is no object`);
  const { name, shape, datatype, data } = entry as Record<string, unknown>;
  if (typeof name !== "string" || name === "") throw new BadRequest(`inputs[${index}].name is missing`);
  if (!isShape(shape)) throw new BadRequest(`input "${name}": shape must be a list of whole numbers, given ${JSON.stringify(shape)}`);
  if (typeof datatype !== "string" || !isDataType(datatype)) {
    throw new BadRequest(`input "${name}": datatype ${JSON.stringify(datatype)} is none of ${dataTypes.join(", ")}`);
  }
  if (!Array.isArray(data)) throw new BadRequest(`input "${name}": data must be a list`);
  const flat = data.flat(Number.POSITIVE_INFINITY) as unknown[];
  const wanted = shape.reduce((product, size) => product * size, 1);
  if (flat.length !== wanted) throw new BadRequest(`input "${name}": shape [${shape}] needs ${wanted} values, data has ${flat.length}`);
  return { name, shape, datatype, data: flat.map((value) => checkValue(name, datatype, value)) };
}

const isDataType = (text: string): text is DataType => (dataTypes as readonly string[]).includes(text);

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
