import { isSize, type Signature, type Tensor } from "../../domain/signature.ts";

/** The largest request that is made up, in elements over all tensors: an image of 600 × 600 pixels in colour. */
const maxElements = 1_100_000;

export interface GeneratedRequest {
  /** Body of a V2 inference request: every input with its own type and shape. */
  body: { inputs: { name: string; datatype: string; shape: number[]; data: unknown[] }[] };
  /** The metadata said all that a request needs; otherwise the shape is a guess, and a refusal says nothing of the model. */
  isCertain: boolean;
  /** What it was made from, for a person. */
  madeFrom: string;
}

/** What is known of a model's inputs: the server's metadata, as it came, and what its version was registered with. */
export interface Described {
  metadata: unknown;
  signature: Signature | undefined;
}

/**
 * A request that a model should be able to answer, made from what its server says of its inputs, and where that leaves
 * something open, from what the version was registered with. Servers leave sizes open (-1, a name, null, an empty or
 * missing shape): what stays open is taken as 1, and only an open batch leaves no doubt.
 * undefined when nothing can be made of it: no inputs, types that the protocol does not have, or too large.
 */
export function generatedRequest({ metadata, signature }: Described): GeneratedRequest | undefined {
  const told = fieldOf(metadata, "inputs");
  const registered = signature?.inputs ?? [];
  const described = Array.isArray(told) && told.length > 0 ? told.map((tensor) => completed(tensor, registered)) : registered;
  if (described.length === 0) return undefined;
  const tensors = described.map(tensorOf);
  if (!tensors.every((tensor) => tensor !== undefined)) return undefined;
  const elements = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (elements > maxElements) return undefined;
  const inputs = tensors.map(({ name, datatype, shape, value }) => ({
    ...{ name, datatype, shape },
    data: Array.from({ length: sizeOf(shape) }, () => value),
  }));
  const madeFrom = registered.length > 0 ? "the model's own metadata and the signature of its version" : "the model's own metadata";
  return { body: { inputs }, isCertain: tensors.every(({ isCertain }) => isCertain), madeFrom };
}

/** A tensor that the server tells of, with what it leaves open from the one that was registered under its name. */
function completed(told: unknown, registered: Tensor[]): unknown {
  const known = registered.find(({ name }) => name === fieldOf(told, "name"));
  if (!known) return told;
  const given = fieldOf(told, "shape");
  const sizes = Array.isArray(given) && given.length > 0 ? given : known.shape;
  const isAlike = sizes.length === known.shape.length;
  const shape = sizes.map((size, index) => (isSize(size) || !isAlike ? size : known.shape[index]));
  return { name: known.name, datatype: fieldOf(told, "datatype") ?? known.datatype, shape };
}

interface MadeTensor {
  name: string;
  datatype: string;
  shape: number[];
  /** Of every element. Zero is an index that every vocabulary has. */
  value: unknown;
  isCertain: boolean;
}

function tensorOf(described: unknown): MadeTensor | undefined {
  const [name, datatype, shape] = [fieldOf(described, "name"), fieldOf(described, "datatype"), fieldOf(described, "shape")];
  if (typeof name !== "string" || typeof datatype !== "string") return undefined;
  const value = elementOf(datatype);
  if (value === undefined) return undefined;
  const told = Array.isArray(shape) ? shape : [];
  const isTold = told.length > 0 && told.every((size, index) => isSize(size) || (index === 0 && size === -1));
  // What a text has to look like, no metadata tells.
  const isCertain = isTold && datatype !== "BYTES";
  return { name, datatype, shape: told.length > 0 ? told.map((size) => (isSize(size) ? size : 1)) : [1], value, isCertain };
}

function elementOf(datatype: string): unknown {
  if (datatype === "BOOL") return false;
  if (datatype === "BYTES") return "slipway";
  return /^(?:U?INT(?:8|16|32|64)|FP(?:16|32|64)|BF16)$/.test(datatype) ? 0 : undefined;
}

const sizeOf = (shape: number[]): number => shape.reduce((product, size) => product * size, 1);

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
