import type { IncomingHttpHeaders } from "node:http";
import { BadRequest } from "../open-inference/bad-request.ts";
import { parseTensor } from "../open-inference/tensor.ts";
import { toRows, toTensors } from "./values.ts";

/** `v2`: Open Inference Protocol; `v1`: TensorFlow Serving's `:predict`. */
export type Protocol = "v1" | "v2";

/** What a script is told of a request. One object goes through all its steps: what preprocess puts there postprocess finds. */
export interface Context {
  protocol: Protocol;
  id?: string;
  parameters: Record<string, unknown>;
  headers: IncomingHttpHeaders;
}

export interface Asked {
  inputs: unknown[];
  context: Context;
  /** Of a V2 request: the outputs that it wants. */
  wanted?: unknown;
}

/** Reads a request's body: `instances` of V1, tensors of V2. Throws BadRequest. */
export function readAsked(protocol: Protocol, body: unknown, headers: IncomingHttpHeaders): Asked {
  const field = protocol === "v1" ? "instances" : "inputs";
  const { [field]: inputs, id, parameters, outputs } = isObject(body) ? body : {};
  if (!Array.isArray(inputs)) throw new BadRequest(`the body must be an object with ${field}, which is a list`);
  const context: Context = { protocol, parameters: isObject(parameters) ? parameters : {}, headers };
  if (typeof id === "string") context.id = id;
  if (protocol === "v1") return { inputs, context };
  return { inputs: inputs.map((input, index) => ({ ...input, ...parseTensor(input, index) })), context, wanted: outputs };
}

/** The body of an answer, by the protocol of the question. Throws TypeError when it cannot be told by it. */
export function answerBody(name: string, { protocol, id }: Context, outputs: unknown): object {
  if (protocol === "v1") return { predictions: toRows(outputs) };
  return { model_name: name, model_version: "1", ...(id !== undefined && { id }), outputs: toTensors(outputs, "output-0") };
}

/** The body of a question to a predictor that speaks the protocol. */
export function questionBody(protocol: Protocol, { context, wanted }: Asked, inputs: unknown): object {
  if (protocol === "v1") return { instances: toRows(inputs) };
  const { id, parameters } = context;
  const more = { ...(Object.keys(parameters).length > 0 && { parameters }), ...(wanted !== undefined && { outputs: wanted }) };
  return { ...(id !== undefined && { id }), inputs: toTensors(inputs, "input-0"), ...more };
}

/** What a predictor has answered: `predictions` or tensors. */
export function outputsOf(protocol: Protocol, body: unknown): unknown[] {
  const field = protocol === "v1" ? "predictions" : "outputs";
  const outputs = isObject(body) ? body[field] : undefined;
  if (!Array.isArray(outputs)) throw new TypeError(`the predictor's answer has no ${field}`);
  return outputs;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
