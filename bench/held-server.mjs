// A model server that, while the file named by HOLD is there, answers every request but those to /hold, and does not
// leave when it is told to: an operation whose smoke test asks for /hold, or that ends it, stands still as long as that.
import { existsSync } from "node:fs";
import { createServer } from "node:http";

// What a server of the Open Inference Protocol says of a model, as far as it has to.
const metadata = JSON.stringify({ name: "held" });

createServer((request, response) => {
  if (request.url === "/hold" && existsSync(process.env.HOLD)) return;
  response.writeHead(200, { "content-type": "application/json" }).end(metadata);
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => existsSync(process.env.HOLD) || process.exit(0));
