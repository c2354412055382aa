import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeOf } from "../../../local/storage/process-identity.ts";
import { echoDeployment, writeEchoImage } from "./image.ts";
import { System } from "./system.ts";

const main = fileURLToPath(new URL("../../../local/main.ts", import.meta.url));
let system: System;
let folder: string;
let options: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-restart-"));
  options = ["--no-sample", "--images", await writeEchoImage(folder)];
  system = await System.start(options);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const status = async (id: string): Promise<string> => (await system.call("GET", `/v1/deployments/${id}/state`)).body.status;
const children = async (): Promise<{ pid: number; started: string; name: string }[]> =>
  JSON.parse(await readFile(join(system.data, "children.json"), "utf8"));

/** Starts another system with these options, which must refuse; gives what it says. */
async function refused(...given: string[]): Promise<string> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "--no-sample", ...given], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  expect(code).toBe(1);
  return said;
}

describe("a system killed in the middle of an operation", () => {
  it("brings the operation to its end after the next start, and serves", async () => {
    await system.call("POST", "/v1/deployments", { body: echoDeployment("cut") });
    await system.until(
      "the first step runs",
      async () => (await system.call("GET", "/v1/deployments/cut/operations")).body.items[0].steps.length > 0,
    );
    const orphans = await children();
    await system.kill("SIGKILL");
    expect(orphans.some(({ pid, started }) => startTimeOf(pid) === started)).toBe(true);
    await system.run(options);
    await system.until("the deployment runs", async () => (await status("cut")) === "RUNNING");
    const [operation] = (await system.call("GET", "/v1/deployments/cut/operations")).body.items;
    expect(operation).toMatchObject({ kind: "START", outcome: "SUCCEEDED" });
    expect((await fetch(`${system.url}/endpoints/cut/hello`)).status).toBe(200);
    expect(orphans.filter(({ pid, started }) => startTimeOf(pid) === started)).toEqual([]);
  });

  it("has told the whole history once and in order", async () => {
    const { items } = (await system.call("GET", "/v1/deployments/cut/events")).body;
    const sequences = items.map(({ sequence }: { sequence: number }) => sequence);
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => sequences.length - index));
  });

  it("keeps a token that was given before", async () => {
    expect((await system.call("GET", "/v1/me")).status).toBe(200);
  });
});

describe("a second system", () => {
  it("on the same port is told which one is taken and how to choose another", async () => {
    expect(await refused("--port", String(system.port), "--data", folder)).toContain(
      `Port ${system.port} is taken by another program. Choose another one`,
    );
  });

  it("on the same data folder is told who uses it", async () => {
    expect(await refused("--port", "0", "--data", system.data)).toMatch(
      new RegExp(`data folder .* is in use by process \\d+ \\(${system.url}\\)`),
    );
  });
});

describe("a system whose database engine is killed", () => {
  it("ends, says why, and goes on where it was after the next start", async () => {
    const engine = (await children()).find(({ name }) => name === "dynoxide");
    process.kill(engine?.pid as number, "SIGKILL");
    expect(await system.ended()).toBe(1);
    expect(system.output).toContain("This control plane ends, for its DynamoDB engine is gone: it ended by SIGKILL");
    await system.run(options);
    await system.until("the endpoint answers again", async () => (await fetch(`${system.url}/endpoints/cut/hello`)).status === 200);
  });
});

describe("a system that is asked to end", () => {
  it("ends itself and everything it started, and goes on where it was after the next start", async () => {
    const started = await children();
    expect(await system.kill("SIGINT")).toBe(0);
    expect(started.filter(({ pid, started: at }) => startTimeOf(pid) === at)).toEqual([]);
    await system.run(options);
    await system.until("the endpoint answers again", async () => (await fetch(`${system.url}/endpoints/cut/hello`)).status === 200);
  });
});
