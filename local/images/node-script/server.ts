import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BadRequest } from "../open-inference/bad-request.ts";
import { type Answer, decodePath, keepAliveTimeout, modelPath, ok, readJson, send } from "../open-inference/http.ts";
import { type Predictor, PredictorAnswer } from "./predictor.ts";
import { type Asked, answerBody, outputsOf, type Protocol, questionBody, readAsked } from "./protocol.ts";
import type { Role, Script } from "./script.ts";

export interface Served {
  role: Role;
  /** Of the model. */
  name: string;
  /** Whom a transformer asks. */
  predictor: Predictor | null;
}

/**
 * Answers by the Open Inference Protocol V2 and by V1's `:predict`; `serve` hands over the script once it is loaded. A
 * transformer passes on to its predictor whatever is no question to the model. It is ready once it has reached its
 * predictor for the first time, and stays so: that the predictor is lost later is not for the transformer to say.
 */
export function scriptServer(served: Served): { http: Server; serve(script: Script): void } {
  let script: Script | null = null;
  let isComplete = served.predictor === null;
  const isReady = async () => {
    isComplete ||= script !== null && (await served.predictor?.isReached()) === true;
    return script !== null && isComplete;
  };
  const http = createServer({ keepAliveTimeout }, (request, response) => {
    answer(request, response, served, script, isReady).then(
      (result) => result && send(response, result),
      (error: unknown) => send(response, failure(error)),
    );
  });
  return {
    http,
    serve: (loaded) => {
      script = loaded;
    },
  };
}

/** undefined when the predictor answers. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
  script: Script | null,
  isReady: () => Promise<boolean>,
): Promise<Answer | undefined> {
  const path = decodePath(request.url ?? "/");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = `${method} /${path.join("/")}`;
  if (route === "GET /v2/health/live") return { status: script ? 200 : 503, body: { live: script !== null } };
  if (route === "GET /v2/health/ready") {
    const ready = await isReady();
    return { status: ready ? 200 : 503, body: { ready } };
  }
  if (!script) return { status: 503, body: { error: "the script is still being loaded" } };
  const question = questionIn(method, path, served.name);
  if (question) return ok(await answerQuestion(request, response, served, script, question));
  const own = ownWord(route, served);
  if (own) return ok(own);
  if (!served.predictor) return { status: 404, body: { error: `no such path for the model ${served.name}: ${method} ${request.url}` } };
  served.predictor.passOn(request, response);
  return undefined;
}

interface Question {
  protocol: Protocol;
  version: string | null;
}

function questionIn(method: string | undefined, path: string[], name: string): Question | undefined {
  if (method !== "POST") return undefined;
  if (path.join("/") === `v1/models/${name}:predict`) return { protocol: "v1", version: null };
  const asked = modelPath(path);
  return asked?.name === name && asked.verb === "infer" ? { protocol: "v2", version: asked.version } : undefined;
}

/** What a client asks to find out whether the model is there, in a protocol that the predictor does not speak itself. */
function ownWord(route: string, { name, predictor }: Served): object | undefined {
  const words: Record<string, object> = {};
  if (predictor?.protocol !== "v1") words[`GET /v1/models/${name}`] = { name, ready: true };
  if (predictor?.protocol !== "v2") {
    words["GET /v2"] = { name: "slipway-node-script", version: "1", extensions: [] };
    words[`GET /v2/models/${name}`] = { name, versions: ["1"], platform: "node", inputs: [], outputs: [] };
    words[`GET /v2/models/${name}/ready`] = { name, ready: true };
  }
  return words[route];
}

async function answerQuestion(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
  script: Script,
  question: Question,
): Promise<object> {
  const asked = readAsked(question.protocol, await readJson(request), request.headers);
  const outputs = served.predictor
    ? await transform(served.predictor, served.name, script, asked, question, left(response))
    : await script.predict?.(asked.inputs, asked.context);
  return scripted("the caller", () => answerBody(served.name, asked.context, outputs));
}

async function transform(
  predictor: Predictor,
  name: string,
  { preprocess, postprocess }: Script,
  asked: Asked,
  { version }: Question,
  signal: AbortSignal,
): Promise<unknown> {
  const { protocol } = predictor;
  const inputs = preprocess ? await preprocess(asked.inputs, asked.context) : asked.inputs;
  const body = scripted("the predictor", () => questionBody(protocol, asked, inputs));
  const model = `${encodeURIComponent(name)}${version === null ? "" : `/versions/${encodeURIComponent(version)}`}`;
  const path = protocol === "v1" ? `/v1/models/${encodeURIComponent(name)}:predict` : `/v2/models/${model}/infer`;
  const outputs = outputsOf(protocol, await predictor.ask(path, body, asked.context.headers, signal));
  return postprocess ? postprocess(outputs, asked.context) : outputs;
}

/** Values that a protocol cannot tell are told as the script's fault: it has returned them. */
function scripted<T>(whom: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`what it returned for ${whom} is wrong: ${(error as Error).message}`);
  }
}

/** Nobody waits for the answer any more. */
function left(response: ServerResponse): AbortSignal {
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  return leaving.signal;
}

function failure(error: unknown): Answer {
  if (error instanceof PredictorAnswer) return { status: error.status, body: error.body };
  if (error instanceof BadRequest) return { status: 400, body: { error: error.message } };
  const { message = String(error), status } = (error ?? {}) as { message?: string; status?: unknown };
  // A script says by `status` that the caller is at fault.
  if (typeof status === "number" && status >= 400 && status < 500) return { status, body: { error: message } };
  console.error(error);
  return { status: 500, body: { error: `the script failed: ${message}` } };
}
