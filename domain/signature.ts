import type { Evidence } from "./evidence.ts";

/** What a model takes and gives, in the words of the Open Inference Protocol V2. Field names are the wire's. */
export interface Signature {
  inputs: Tensor[];
  /** Empty where nothing is known of them. */
  outputs: Tensor[];
}

export interface Tensor {
  name: string;
  datatype: TensorType;
  /** -1 for a size that is open; empty where nothing is known of it. */
  shape: number[];
}

export const tensorTypes = [
  "BOOL",
  ...["UINT8", "UINT16", "UINT32", "UINT64"],
  ...["INT8", "INT16", "INT32", "INT64"],
  ...["FP16", "FP32", "FP64", "BF16"],
  "BYTES",
] as const;
export type TensorType = (typeof tensorTypes)[number];

export const signatureLimits = { tensors: 100, name: 256, dimensions: 16 } as const;

/** What a server told of a version while it was verified, and where that is not what was registered. */
export interface ObservedSignature extends Signature {
  /** The operation whose evidence has the answer. */
  operation_id: string;
  at: string;
  /** In words; empty where nothing was registered, or what was agrees with it. */
  differences: string[];
}

/** Under which name the answer about the model's metadata is kept; a person's test can have no blank in its name. */
export const metadataProbe = "model metadata";

/**
 * What a server's V2 metadata says. undefined where that is nothing, or nothing that the protocol has: types of its own,
 * tensors without names, more than is kept.
 */
export function signatureIn(metadata: unknown): Signature | undefined {
  if (typeof metadata !== "object" || metadata === null) return undefined;
  const { inputs, outputs } = metadata as { inputs?: unknown; outputs?: unknown };
  const [takes, gives] = [tensorsIn(inputs), tensorsIn(outputs)];
  return takes && gives && takes.length + gives.length > 0 ? { inputs: takes, outputs: gives } : undefined;
}

/** What an operation's evidence says of the model: the answer itself, or what was read from one that was too long to be kept. */
export function signatureSeen({ signature, smoke_tests }: Evidence): Signature | undefined {
  if (signature) return signature;
  const answer = smoke_tests.find(({ name, passed }) => name === metadataProbe && passed);
  return answer && signatureIn(jsonIn(answer.response.body));
}

/** undefined for what is no JSON. */
export function jsonIn(body: string | null | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}

/** Where what a server tells is not what was registered; what one of them leaves open is no difference. */
export function differencesIn(registered: Signature, seen: Signature): string[] {
  return [
    ...tensorDifferences("inputs", registered.inputs, seen.inputs),
    ...tensorDifferences("outputs", registered.outputs, seen.outputs),
  ];
}

function tensorDifferences(side: string, registered: Tensor[], seen: Tensor[]): string[] {
  if (registered.length === 0 || seen.length === 0) return [];
  const missing = registered.filter(({ name }) => !seen.some((other) => other.name === name));
  return [
    ...missing.map(({ name }) => `${side}.${name}: registered, and not told by the server`),
    ...seen.flatMap((tensor) => {
      const known = registered.find(({ name }) => name === tensor.name);
      if (!known) return [`${side}.${tensor.name}: told by the server, and not registered`];
      return isCompatible(known, tensor)
        ? []
        : [`${side}.${tensor.name}: the server tells ${words(tensor)}, registered is ${words(known)}`];
    }),
  ];
}

const isCompatible = (one: Tensor, other: Tensor): boolean => one.datatype === other.datatype && isSameShape(one.shape, other.shape);

function isSameShape(one: number[], other: number[]): boolean {
  if (one.length === 0 || other.length === 0) return true;
  const isSame = (size: number, index: number) => size === other[index] || size === -1 || other[index] === -1;
  return one.length === other.length && one.every(isSame);
}

const words = ({ datatype, shape }: Tensor): string => `${datatype} [${shape.join(", ")}]`;

/** Absent and null are an empty list. */
function tensorsIn(described: unknown): Tensor[] | undefined {
  const given = described ?? [];
  if (!Array.isArray(given) || given.length > signatureLimits.tensors) return undefined;
  const tensors = given.map(tensorIn);
  return tensors.every((tensor) => tensor !== undefined) ? tensors : undefined;
}

function tensorIn(described: unknown): Tensor | undefined {
  const { name, datatype, shape } = (described ?? {}) as { name?: unknown; datatype?: unknown; shape?: unknown };
  if (typeof name !== "string" || name === "" || name.length > signatureLimits.name) return undefined;
  if (!tensorTypes.some((type) => type === datatype)) return undefined;
  const sizes = Array.isArray(shape) && shape.length <= signatureLimits.dimensions ? shape : [];
  return { name, datatype: datatype as TensorType, shape: sizes.map((size) => (isSize(size) ? size : -1)) };
}

/** A size that a tensor can have; everything else (-1, 0, a name, null) leaves it open. */
export const isSize = (size: unknown): size is number => Number.isInteger(size) && (size as number) > 0;
