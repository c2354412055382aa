import { createServer, type IncomingMessage, type Server } from "node:http";
import { BadRequest } from "../open-inference/bad-request.ts";
import { type Answer, decodePath, keepAliveTimeout, modelPath, ok, readJson, send } from "../open-inference/http.ts";
import { parseTensor } from "../open-inference/tensor.ts";
import { InferenceCounts } from "./inference-counts.ts";
import type { Model } from "./model.ts";

/** Answers by the Open Inference Protocol V2 (REST); `serve` hands over the model once it is loaded. */
export function inferenceServer(name: string): { http: Server; serve(model: Model): void } {
  let model: Model | null = null;
  const counts = new InferenceCounts();
  const http = createServer({ keepAliveTimeout }, (request, response) => {
    answer(request, { name, model, counts }).then(
      (result) => send(response, result),
      (error: Error) => send(response, failure(error)),
    );
  });
  return {
    http,
    serve: (loaded) => {
      model = loaded;
    },
  };
}

interface Serving {
  name: string;
  model: Model | null;
  counts: InferenceCounts;
}

async function answer(request: IncomingMessage, { name, model, counts }: Serving): Promise<Answer> {
  const path = decodePath(request.url ?? "/");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = `${method} /${path.join("/")}`;
  if (route === "GET /v2") return ok({ name: "slipway-onnx-server", version: "1", extensions: [] });
  if (route === "GET /v2/health/live") return ok({ live: true });
  if (route === "GET /v2/health/ready") return { status: model ? 200 : 503, body: { ready: model !== null } };
  if (route === "GET /metrics") return { status: 200, text: counts.text() };
  const asked = modelPath(path);
  if (!asked) return { status: 404, body: { error: `no such path: ${request.url}` } };
  if (asked.name !== name || (asked.version !== null && asked.version !== "1")) {
    return {
      status: 404,
      body: { error: `no model ${asked.name}${asked.version ? ` version ${asked.version}` : ""}: this server has ${name}` },
    };
  }
  if (method === "GET" && asked.verb === "ready") return { status: model ? 200 : 503, body: { name, ready: model !== null } };
  if (!model) return { status: 503, body: { error: `model ${name} is still loading` } };
  if (method === "GET" && asked.verb === null) return ok(metadata(name, model));
  if (method === "POST" && asked.verb === "infer") return ok(await counts.count(async () => infer(name, model, await readJson(request))));
  return { status: 405, body: { error: `${request.method} is not allowed on ${request.url}` } };
}

function metadata(name: string, model: Model) {
  return { name, versions: ["1"], platform: "onnxruntime_onnx", inputs: model.inputs, outputs: model.outputs };
}

async function infer(name: string, model: Model, body: unknown) {
  if (typeof body !== "object" || body === null) throw new BadRequest("the body must be an object with inputs");
  const { id, inputs, outputs } = body as Record<string, unknown>;
  if (!Array.isArray(inputs)) throw new BadRequest("inputs must be a list of tensors");
  const wanted = outputs === undefined || outputs === null ? null : outputNames(outputs);
  const result = await model.infer(inputs.map(parseTensor), wanted);
  return { model_name: name, model_version: "1", ...(typeof id === "string" ? { id } : {}), outputs: result };
}

function outputNames(outputs: unknown): string[] {
  if (!Array.isArray(outputs) || outputs.some((output) => typeof output?.name !== "string")) {
    throw new BadRequest("outputs must be a list of objects with a name");
  }
  return outputs.map((output) => output.name);
}

function failure(error: Error): Answer {
  if (error instanceof BadRequest) return { status: 400, body: { error: error.message } };
  console.error(error);
  return { status: 500, body: { error: `the model failed: ${error.message}` } };
}
