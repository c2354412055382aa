import { type DataType, type NamedTensor, parseTensor } from "../open-inference/tensor.ts";

/** Values as tensors: tensors are checked; a list of equal sides becomes one tensor of this name. Throws TypeError. */
export function toTensors(values: unknown, name: string): NamedTensor[] {
  if (isTensors(values)) return values.map(checked);
  if (!Array.isArray(values)) throw new TypeError(`${shown(values)} is neither a list of tensors nor a list of values`);
  const data = values.flat(Number.POSITIVE_INFINITY);
  return [{ name, datatype: dataTypeOf(data), shape: shapeOf(values), data }];
}

/** Values as rows: tensors become nested lists, several of them a list of objects with a field for each. */
export function toRows(values: unknown): unknown[] {
  if (!Array.isArray(values)) throw new TypeError(`${shown(values)} is no list`);
  if (!isTensors(values)) return values;
  const columns = values.map(checked).map(({ name, shape, data }) => ({ name, rows: nested(data, shape) }));
  const [first] = columns;
  if (columns.length === 1) return first?.rows ?? [];
  const rows = first?.rows ?? [];
  const uneven = columns.find((column) => column.rows.length !== rows.length);
  if (uneven) throw new TypeError(`tensor ${uneven.name} has ${uneven.rows.length} rows and ${first?.name} ${rows.length}`);
  return rows.map((_, index) => Object.fromEntries(columns.map(({ name, rows: column }) => [name, column[index]])));
}

function isTensors(values: unknown): values is NamedTensor[] {
  const fields = ["name", "shape", "datatype", "data"];
  const isTensor = (value: unknown) => typeof value === "object" && value !== null && fields.every((field) => field in value);
  return Array.isArray(values) && values.length > 0 && values.every(isTensor);
}

/** What else a tensor carries, as its parameters, stays with it. */
function checked(tensor: NamedTensor, index: number): NamedTensor {
  try {
    return { ...tensor, ...parseTensor({ ...tensor, data: Array.from(tensor.data) }, index) };
  } catch (error) {
    throw new TypeError((error as Error).message);
  }
}

function shapeOf(values: unknown[]): number[] {
  const [first] = values;
  if (!Array.isArray(first)) {
    if (values.some(Array.isArray)) throw new TypeError("lists and values stand side by side in one list");
    return [values.length];
  }
  const shapes = values.map((value) => (Array.isArray(value) ? shapeOf(value) : []));
  const uneven = shapes.find((shape) => shape.join() !== shapes[0]?.join());
  if (uneven) throw new TypeError("the lists in the list are not of one length");
  return [values.length, ...(shapes[0] ?? [])];
}

function dataTypeOf(data: unknown[]): DataType {
  if (data.every((value) => typeof value === "boolean") && data.length > 0) return "BOOL";
  if (data.every((value) => typeof value === "string") && data.length > 0) return "BYTES";
  const odd = data.find((value) => typeof value !== "number" || !Number.isFinite(value));
  if (odd !== undefined) throw new TypeError(`${shown(odd)} stands in a tensor of ${typeof data[0]}s`);
  return "FP32";
}

function nested(data: unknown[], shape: number[]): unknown[] {
  const [rows = data.length, ...inner] = shape;
  if (inner.length === 0) return data;
  const size = inner.reduce((product, side) => product * side, 1);
  return Array.from({ length: rows }, (_, row) => nested(data.slice(row * size, (row + 1) * size), inner));
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100);
