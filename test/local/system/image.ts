import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const server = `
import { createServer } from "node:http";
const mode = process.env.MODE ?? "fine";
if (mode === "crash") { console.error("cannot find the weights"); process.exit(3); }
createServer((request, response) => {
  const ready = mode !== "unready" || !request.url.endsWith("/ready");
  const fails = mode === "errs" && !request.url.startsWith("/v2/");
  response.writeHead(fails ? 500 : ready ? 200 : 503, { "content-type": "application/json" });
  response.end(JSON.stringify({ url: request.url, greeting: process.env.GREETING ?? null, secret_length: process.env.API_KEY?.length ?? 0 }));
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

/** Writes a small model server and an images file that names it `test/echo:1`; gives the images file. */
export async function writeEchoImage(folder: string): Promise<string> {
  const script = join(folder, "echo.mjs");
  const images = join(folder, "images.json");
  await writeFile(script, server);
  await writeFile(images, JSON.stringify({ "test/echo:1": { command: [process.execPath, script] } }));
  return images;
}

/** A deployment of that image; `mode` makes it fail in its own way. */
export function echoDeployment(id: string, more: object = {}, mode = "fine") {
  return {
    group: "demo",
    name: id,
    id,
    environment: "staging",
    access: "public",
    predictor: { image: "test/echo:1", env: [{ name: "MODE", value: mode }] },
    ...more,
  };
}
