import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Predictor } from "../../../local/images/node-script/predictor.ts";
import type { Protocol } from "../../../local/images/node-script/protocol.ts";
import { loadScript } from "../../../local/images/node-script/script.ts";
import { scriptServer } from "../../../local/images/node-script/server.ts";

export let folder: string;
let scripts = 0;
export const open: Server[] = [];

/** For beforeAll. */
export async function makeFolder(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "slipway-script-"));
}
/** For afterEach. */
export function closeServers(): void {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
}
/** For afterAll. */
export const removeFolder = () => rm(folder, { recursive: true, force: true });

/** A script's file; each has a name of its own, because modules are loaded once. */
export async function scriptOf(text: string, name = `script-${++scripts}.mjs`): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

export async function listening(server: Server): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const model = { modelName: "iris", modelFiles: "/mnt/models" };

export async function predictorOf(text: string) {
  const server = scriptServer({ role: "predictor", name: "iris", predictor: null });
  server.serve(await loadScript(await scriptOf(text), "predictor", model));
  return clientOf(await listening(server.http));
}

export async function transformerOf(text: string, host: string, protocol: Protocol = "v2") {
  const server = scriptServer({ role: "transformer", name: "iris", predictor: new Predictor(host, protocol) });
  server.serve(await loadScript(await scriptOf(text), "transformer", model));
  return clientOf(await listening(server.http));
}

export function clientOf(host: string) {
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const answer = await fetch(`http://${host}${path}`, { method, headers, ...(body !== undefined && { body: sent }) });
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    return { status: answer.status, body: (await answer.json()) as any };
  };
  return {
    get: (path: string) => call("GET", path),
    call,
    infer: (inputs: unknown, more: object = {}) => call("POST", "/v2/models/iris/infer", { ...more, inputs }),
    predict: (instances: unknown) => call("POST", "/v1/models/iris:predict", { instances }),
  };
}

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: questions of every shape
  body: any;
}

/** A predictor that keeps what it was asked and answers what it is told to. */
export async function fakePredictor(answers: (seen: Seen) => { status?: number; body: unknown }) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { method, url, headers } = request;
    const question = { method, url, headers, body: text === "" ? null : JSON.parse(text) };
    seen.push(question);
    const { status = 200, body } = answers(question);
    response.writeHead(status, { "content-type": "application/json", "x-from": "predictor" }).end(JSON.stringify(body));
  });
  return { host: await listening(server), seen };
}

export const tensor = (name: string, data: unknown[], shape = [data.length]) => ({ name, datatype: "FP32", shape, data });
