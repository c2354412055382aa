/**
 * The server of the test image: `node server.ts <mode> [argument]`, or MODE and ARGUMENT, also as process 1 without any right or writable file.
 * serve: answers on PORT, or 8080; /ready and /live may be switched, /exit ends it, /hold begins an answer that /release ends, the rest is echoed.
 * crash <code>: says why and ends. eat: takes memory until somebody stops it. fill <file>: takes space until somebody stops it.
 * write <file> <text>. pause <ms>. ok: ends with 0. LASTING: milliseconds before it does what it is for, so that it is seen running.
 * LIVE_FOR: milliseconds after which it says that it does not live any more.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const [mode = process.env.MODE ?? "serve", argument = process.env.ARGUMENT ?? "", text = ""] = process.argv.slice(2);
const modes: Record<string, () => void> = { serve, crash, eat, fill, write, pause, ok, environment };
const lasting = Number(process.env.LASTING ?? 0);
if (lasting) setTimeout(() => modes[mode]?.(), lasting);
else modes[mode]?.();

function ok(): void {
  console.log("done");
}

function crash(): void {
  console.log("starting");
  // The two streams are read side by side: what comes at once is in either order.
  setTimeout(() => console.error(`boom: ${argument}`), 200);
  process.exitCode = Number(argument);
}

function eat(): void {
  const kept: Buffer[] = [];
  setInterval(() => kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 20);
}

function fill(): void {
  // As process 1 it would not hear of it otherwise.
  process.on("SIGTERM", () => process.exit(1));
  setInterval(() => appendFileSync(argument, Buffer.alloc(1024 * 1024, 1)), 20);
}

function write(): void {
  writeFileSync(argument, text);
}

function pause(): void {
  setTimeout(() => console.log("paused"), Number(argument));
}

function environment(): void {
  console.log(JSON.stringify({ env: process.env, args: process.argv.slice(3) }));
}

interface State {
  ready: boolean;
  live: boolean;
  held: ServerResponse[];
}

function serve(): void {
  const state: State = { ready: process.env.READY !== "no", live: process.env.LIVE !== "no", held: [] };
  const liveFor = Number(process.env.LIVE_FOR ?? 0);
  if (liveFor) setTimeout(() => (state.live = false), liveFor);
  if (process.env.IGNORE_TERM) process.on("SIGTERM", () => console.log("not yet"));
  else
    process.on("SIGTERM", () => {
      console.log("bye");
      process.exit(0);
    });
  const port = Number(process.env.PORT ?? 8080);
  createServer((request, response) => answer(state, request, response)).listen(port, () => console.log("listening"));
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
  switch (pathname) {
    case "/ready":
    case "/v2/health/ready":
      return void response.writeHead(state.ready ? 200 : 503).end();
    case "/live":
    case "/v2/health/live":
      return void response.writeHead(state.live ? 200 : 500).end();
    case "/set":
      if (searchParams.has("ready")) state.ready = searchParams.get("ready") === "yes";
      if (searchParams.has("live")) state.live = searchParams.get("live") === "yes";
      return void response.end("set");
    case "/exit":
      response.end("bye");
      return void setImmediate(() => process.exit(Number(searchParams.get("code"))));
    case "/say":
      console.log(searchParams.get("text"));
      return void response.end();
    case "/status":
      return void response.writeHead(Number(searchParams.get("code"))).end(searchParams.get("body") ?? "");
    case "/file":
      return void response.end(readFileSync(process.env.FILE ?? ""));
    case "/hold":
      state.held.push(response);
      return void response.write("first\n");
    case "/release":
      for (const held of state.held.splice(0)) held.end("last\n");
      return void response.end();
    default:
      echo(request, response);
  }
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method, url, headers } = request;
    response.setHeader("content-type", "application/json");
    response.setHeader("x-removed", "yes");
    response.end(JSON.stringify({ tag: process.env.TAG, pid: process.pid, method, url, headers, body: Buffer.concat(chunks).toString() }));
  });
}
