import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { s3LogExports } from "../../lambdas/adapters/s3-log-exports.ts";
import { systemClock } from "../../lambdas/runtime/surroundings.ts";
import { s3Service } from "../../local/aws/s3/service.ts";
import { ObjectStore } from "../../local/aws/s3/store.ts";
import { type Database, openDatabase } from "../../local/storage/database.ts";

let folder: string;
let database: Database;
let server: Server;
let largest: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-s3-"));
  database = openDatabase(folder);
  const objects = new ObjectStore(database);
  objects.createBucket("exports");
  const service = s3Service(objects);
  largest = 0;
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://local");
    const body = Buffer.concat(chunks);
    largest = Math.max(largest, body.length);
    const call = { method: request.method ?? "GET", path: url.pathname, query: url.searchParams, headers: request.headers, body };
    const answer = await service.handle(call as never).catch(() => ({ status: 404, body: "<Error><Code>NoSuchKey</Code></Error>" }));
    response.writeHead(answer.status, "headers" in answer ? answer.headers : {}).end(answer.body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const exportsOf = () =>
  s3LogExports(
    {
      region: "us-east-1",
      credentials: async () => ({ accessKeyId: "A", secretAccessKey: "s", sessionToken: "t" }),
      clock: systemClock,
      endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    "exports",
  );

async function* pieces(count: number) {
  for (let index = 0; index < count; index += 1) yield `${index} ${"é".repeat(1_000_000)}\n`;
}

it("writes a file in parts, none of which is large, and gives a link to it", async () => {
  const exports = exportsOf();
  await exports.write("U", "E", pieces(20));
  const { url, expires_at } = await exports.link("U", "E");
  expect(Date.parse(expires_at)).toBeGreaterThan(Date.now());
  expect(url).toContain("X-Amz-Signature=");
  const text = await (await fetch(url)).text();
  expect(text.split("\n").map((line) => line.split(" ")[0])).toEqual([...Array.from({ length: 20 }, (_, index) => String(index)), ""]);
  expect(text.length).toBe(20 * 1_000_003 + 10);
  expect(largest).toBeLessThan(20 * 1024 * 1024);
});

it("writes an empty file", async () => {
  await exportsOf().write("U", "E", pieces(0));
  expect(await (await fetch((await exportsOf().link("U", "E")).url)).text()).toBe("");
});

it("keeps what an export has come to, and knows of none that there is not", async () => {
  const state = { status: "RUNNING" as const, started_at: "2026-11-21T09:00:00.000Z", ended_at: null, lines: 0, bytes: 0, message: "" };
  await exportsOf().put("U", "E", state);
  expect(await exportsOf().get("U", "E")).toEqual(state);
  expect(await exportsOf().get("U", "F")).toBeUndefined();
});
