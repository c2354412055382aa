import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { loadModel } from "./model.ts";
import { inferenceServer } from "./server.ts";

/**
 * The image `slipway/onnx-server`: serves one ONNX file by the Open Inference Protocol V2.
 * --model_name N, --model_dir D (holding one .onnx file, at any depth), --http_port P (the environment's PORT goes first).
 * Live as soon as it listens, ready when the model is loaded; a model that cannot be loaded ends the process with its cause.
 */
const { values } = parseArgs({
  options: {
    model_name: { type: "string" },
    model_dir: { type: "string", default: "/mnt/models" },
    http_port: { type: "string", default: "8080" },
  },
});
const name = values.model_name ?? fail("--model_name is missing: give the name under which the model is served");
const port = Number(process.env.PORT ?? values.http_port);

const server = inferenceServer(name);
server.http.on("error", (error) => fail(`port ${port}: ${error.message}`));
server.http.listen(port, () => console.log(`listening on port ${(server.http.address() as AddressInfo).port}`));

try {
  const started = performance.now();
  const model = await loadModel(values.model_dir);
  server.serve(model);
  console.log(`model ${name} loaded from ${model.file} in ${Math.round(performance.now() - started)} ms`);
} catch (error) {
  fail(`model ${name} cannot be loaded: ${(error as Error).message}`);
}

process.on("SIGTERM", () => {
  server.http.close(() => process.exit(0));
  server.http.closeIdleConnections();
});

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
