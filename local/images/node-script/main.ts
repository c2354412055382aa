import { parseArgs } from "node:util";
import { Predictor } from "./predictor.ts";
import { loadScript, type Role } from "./script.ts";
import { scriptServer } from "./server.ts";

/**
 * The image `slipway/node-script`: runs a script of a person's own as predictor or transformer (docs/transformers.md).
 * --model_name N, --model_dir D, --http_port P (the environment's PORT goes first); TRANSFORMER_SCRIPT or PREDICTOR_SCRIPT
 * names the file, PREDICTOR_HOST and PREDICTOR_PROTOCOL whom a transformer asks. Live and ready once the script is loaded;
 * one that cannot be loaded ends the process, with its error as the last line.
 */
const { values } = parseArgs({
  options: {
    model_name: { type: "string" },
    model_dir: { type: "string", default: "/mnt/models" },
    http_port: { type: "string", default: "8080" },
  },
});
const { TRANSFORMER_SCRIPT, PREDICTOR_SCRIPT, PREDICTOR_HOST = "", PREDICTOR_PROTOCOL, PORT } = process.env;
const role: Role = TRANSFORMER_SCRIPT ? "transformer" : "predictor";
const file = TRANSFORMER_SCRIPT ?? PREDICTOR_SCRIPT ?? fail("PREDICTOR_SCRIPT or TRANSFORMER_SCRIPT is missing: give the script's file");
const name = values.model_name ?? fail("--model_name is missing: give the name under which the model is served");
const port = Number(PORT ?? values.http_port);

const server = scriptServer({ role, name, predictor: role === "transformer" ? predictorOf(PREDICTOR_HOST) : null });
server.http.on("error", (error) => fail(`port ${port}: ${error.message}`));
server.http.listen(port, () => console.log(`listening on port ${port}`));

try {
  const started = performance.now();
  server.serve(await loadScript(file, role, { modelName: name, modelFiles: values.model_dir }));
  console.log(`script ${file} loaded as ${role} of ${name} in ${Math.round(performance.now() - started)} ms`);
} catch (error) {
  const { stack, message } = error as Error;
  if (stack) console.error(stack);
  fail(message.replace(/\s+/g, " "));
}

process.on("SIGTERM", () => {
  server.http.close(() => process.exit(0));
  server.http.closeIdleConnections();
});

function predictorOf(host: string): Predictor {
  if (host === "") fail("PREDICTOR_HOST is missing: give host:port of the predictor that the transformer asks");
  if (PREDICTOR_PROTOCOL === "v1" || PREDICTOR_PROTOCOL === "v2") return new Predictor(host, PREDICTOR_PROTOCOL);
  fail(`PREDICTOR_PROTOCOL is ${JSON.stringify(PREDICTOR_PROTOCOL ?? "")}: a transformer's script speaks v1 or v2`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
