/**
 * The image of the tests: `node server.cjs <mode>`.
 * serve: answers on PORT; /ready may be switched off, /exit ends it, /echo tells what came in, /stream sends piece by piece.
 * crash <code>: says why and ends. eat: takes memory until somebody stops it. wait <file>: ends when the file is there. ok: ends with 0.
 */
export const serverScript = `
const http = require("node:http");
const fs = require("node:fs");
const [mode = "serve", argument] = process.argv.slice(2);
const modes = { serve, crash, eat, wait, ok, environment };
modes[mode]();

function ok() { console.log("done"); }
function crash() { console.log("starting"); console.error("boom: " + argument); process.exit(Number(argument)); }
function eat() {
  const kept = [];
  setInterval(() => kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 20);
}
function wait() {
  if (fs.existsSync(argument)) return;
  fs.watch(require("node:path").dirname(argument), () => fs.existsSync(argument) && process.exit(0));
  if (fs.existsSync(argument)) process.exit(0);
}
function environment() { console.log(JSON.stringify({ env: process.env, args: process.argv.slice(3) })); }
function serve() {
  let ready = process.env.READY !== "no";
  let live = true;
  if (process.env.IGNORE_TERM) process.on("SIGTERM", () => console.log("not yet"));
  else process.on("SIGTERM", () => { console.log("bye"); process.exit(0); });
  http.createServer((request, response) => {
    const url = new URL(request.url, "http://x");
    if (url.pathname === "/ready") return response.writeHead(ready ? 200 : 503).end();
    if (url.pathname === "/live") return response.writeHead(live ? 200 : 500).end();
    if (url.pathname === "/set") {
      if (url.searchParams.has("ready")) ready = url.searchParams.get("ready") === "yes";
      if (url.searchParams.has("live")) live = url.searchParams.get("live") === "yes";
      return response.end("set");
    }
    if (url.pathname === "/exit") { response.end("bye"); return setImmediate(() => process.exit(Number(url.searchParams.get("code")))); }
    if (url.pathname === "/say") { console.log(url.searchParams.get("text")); return response.end(); }
    if (url.pathname === "/stream") {
      response.write("first\\n");
      return request.on("data", (chunk) => response.write(chunk)).on("end", () => response.end("last\\n"));
    }
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
      response.setHeader("content-type", "application/json");
      response.setHeader("x-removed", "yes");
      response.end(JSON.stringify({ tag: process.env.TAG, pid: process.pid, method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() }));
    });
  }).listen(Number(process.env.PORT), () => console.log("listening"));
}
`;
