import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { BadRequest } from "../open-inference/bad-request.ts";
import type { DataType, NamedTensor } from "../open-inference/tensor.ts";
import { dataTypeOf, toOnnx, toProtocol } from "./tensors.ts";

/** Name, datatype and shape of an input or output; -1 stands for a size that may vary. */
export interface TensorMetadata {
  name: string;
  datatype: DataType;
  shape: number[];
}

export interface Model {
  file: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
  /** Computes the named outputs, or all of them. */
  infer(inputs: NamedTensor[], outputNames: string[] | null): Promise<NamedTensor[]>;
}

export async function loadModel(folder: string): Promise<Model> {
  const file = await findOnnxFile(folder);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await readFile(file));
  const inputs = session.inputMetadata.map(describe);
  const outputs = session.outputMetadata.map(describe);
  // One session computes one request at a time.
  let queue: Promise<unknown> = Promise.resolve();
  return {
    file,
    inputs,
    outputs,
    infer(given, outputNames) {
      const feeds = Object.fromEntries(checkInputs(inputs, given).map((tensor) => [tensor.name, toOnnx(tensor)]));
      const fetches = checkOutputs(outputs, outputNames);
      const result = queue.then(() => session.run(feeds, fetches));
      queue = result.catch(() => undefined);
      return result.then((tensors) => fetches.map((name) => toProtocol(name, tensors[name] as ort.Tensor)));
    },
  };
}

async function findOnnxFile(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".onnx"));
  if (files.length === 1) return join(folder, files[0] as string);
  if (files.length === 0) throw new Error(`no .onnx file in ${folder}`);
  throw new Error(`${files.length} .onnx files in ${folder} (${files.sort().join(", ")}): give one`);
}

function describe(metadata: ort.InferenceSession.ValueMetadata): TensorMetadata {
  if (!metadata.isTensor) throw new Error(`${metadata.name} is no tensor: only tensors can be served`);
  return {
    name: metadata.name,
    datatype: dataTypeOf(metadata.type),
    shape: metadata.shape.map((size) => (typeof size === "number" ? size : -1)),
  };
}

function checkInputs(expected: TensorMetadata[], given: NamedTensor[]): NamedTensor[] {
  const unknown = given.find((tensor) => !expected.some((input) => input.name === tensor.name));
  if (unknown) throw new BadRequest(`unknown input "${unknown.name}": the model's inputs are ${names(expected)}`);
  return expected.map((input) => {
    const found = given.filter((tensor) => tensor.name === input.name);
    if (found.length !== 1) {
      throw new BadRequest(
        `input "${input.name}" is ${found.length === 0 ? "missing" : "given twice"}: the model's inputs are ${names(expected)}`,
      );
    }
    checkInput(input, found[0] as NamedTensor);
    return found[0] as NamedTensor;
  });
}

function checkInput(expected: TensorMetadata, given: NamedTensor): void {
  if (given.datatype !== expected.datatype) {
    throw new BadRequest(`input "${given.name}" has datatype ${given.datatype}, the model takes ${expected.datatype}`);
  }
  // A model that declares no shape at all takes any.
  if (expected.shape.length === 0) return;
  const fits =
    expected.shape.length === given.shape.length && expected.shape.every((size, axis) => size === -1 || size === given.shape[axis]);
  if (!fits) throw new BadRequest(`input "${given.name}" has shape [${given.shape}], the model takes [${expected.shape}] (-1: any)`);
}

function checkOutputs(available: TensorMetadata[], wanted: string[] | null): string[] {
  const unknown = wanted?.find((name) => !available.some((output) => output.name === name));
  if (unknown !== undefined) throw new BadRequest(`unknown output "${unknown}": the model's outputs are ${names(available)}`);
  return wanted?.length ? wanted : available.map((output) => output.name);
}

function names(tensors: TensorMetadata[]): string {
  return tensors.map((tensor) => `"${tensor.name}"`).join(", ");
}
