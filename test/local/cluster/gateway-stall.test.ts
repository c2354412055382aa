import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataPlane } from "../../../local/cluster/gateway/data-plane.ts";
import { RequestCounters } from "../../../local/cluster/gateway/request-counters.ts";
import { PodNetwork } from "../../../local/cluster/network/pod-network.ts";

/**
 * A model server that closes connections which have been idle, and a caller; beside the thread of the gateway, as
 * other processes are. Each time that it is asked to, the caller sends a request, and then the server closes.
 */
const outside = `
const { createServer } = require("node:net");
const { Agent, request } = require("node:http");
const { parentPort } = require("node:worker_threads");
const agent = new Agent({ keepAlive: true });
let last;
const server = createServer((socket) => {
  last = socket;
  socket.on("data", () => socket.write("HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok")).on("error", () => undefined);
}).listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
parentPort.on("message", ({ port, closes }) => {
  const sent = request({ host: "127.0.0.1", port, agent }, (answer) => answer.resume().on("end", () => parentPort.postMessage(answer.statusCode)));
  sent.end();
  const idle = last;
  if (closes) setTimeout(() => idle.end(), 50);
});
`;

let worker: Worker;
let plane: DataPlane;
beforeEach(async () => {
  worker = new Worker(outside, { eval: true });
  const [port] = await once(worker, "message");
  const network = new PodNetwork();
  network.bind("10.244.0.2", 8080, port);
  plane = new DataPlane(network, new RequestCounters(), { replicas: 1 });
  const backend = { service: "one", weight: 1, endpoints: [{ address: "10.244.0.2", port: 8080 }], filters: [] };
  plane.follow([{ hostnames: [], match: {}, filters: [], backends: [backend] }], 0);
});
afterEach(async () => {
  await plane.stop();
  await worker.terminate();
});

test("a busy gateway sends nothing on a connection that was closed while it did something else", async () => {
  const port = await plane.listen();
  const ask = async (closes: boolean) => {
    worker.postMessage({ port, closes });
    // The gateway's thread sees nothing of what happens until this is over.
    if (closes) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    const [status] = await once(worker, "message");
    return status;
  };
  expect(await ask(false)).toBe(200);
  expect(await ask(true)).toBe(200);
});
