import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFrontDoor } from "../../local/front-door.ts";
import { readOptions } from "../../local/options.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-options-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const images = (content: string): string[] => {
  writeFileSync(join(folder, "images.json"), content);
  return ["--images", join(folder, "images.json")];
};

describe("the options of npm start", () => {
  it("all have a default", () => {
    const gateway = { lag_ms: 0, settle_seconds: 0, register_seconds: 0, like_alb: false };
    expect(readOptions([])).toEqual({
      port: 4000,
      data: resolve(".slipway"),
      images: {},
      nodes: 1,
      sample: true,
      trace: null,
      gateway,
      kubeconfig: undefined,
    });
  });

  it("are read", () => {
    const given = [
      "--port",
      "4100",
      "--data",
      folder,
      "--no-sample",
      "--trace",
      join(folder, "trace.jsonl"),
      ...["--nodes", "2", "--gateway-lag", "1000", "--gateway-like", "alb"],
      ...images('{"team/echo:1": {"command": ["node", "echo.mjs"], "env": {"A": "b"}}}'),
    ];
    expect(readOptions(given)).toEqual({
      port: 4100,
      data: folder,
      sample: false,
      trace: join(folder, "trace.jsonl"),
      images: { "team/echo:1": { command: ["node", "echo.mjs"], env: { A: "b" } } },
      nodes: 2,
      gateway: { lag_ms: 1000, settle_seconds: 1.3, register_seconds: 3.3, like_alb: true },
      kubeconfig: undefined,
    });
  });

  it("take files of an image's command from beside the file of images", () => {
    writeFileSync(join(folder, "serve.py"), "");
    const { images: read } = readOptions(
      images('{"team/own:1": {"command": ["python3", "serve.py", "--model", "other.py", "", "/mnt/models"]}}'),
    );
    expect(read["team/own:1"]?.command).toEqual(["python3", join(folder, "serve.py"), "--model", "other.py", "", "/mnt/models"]);
  });

  it("let the configuration not fit the gateway, to see what comes of it", () => {
    const given = ["--gateway-lag", "1000", "--gateway-like", "alb", "--gateway-settle", "0", "--gateway-register", "1"];
    expect(readOptions(given).gateway).toEqual({ lag_ms: 1000, settle_seconds: 0, register_seconds: 1, like_alb: true });
  });

  it.each([
    ["an option that there is not", ["--prot", "4100"], "--prot"],
    ["a port that is none", ["--port", "many"], "given many"],
    ["a port out of range", ["--port", "70000"], "given 70000"],
    ["no node", ["--nodes", "0"], "--nodes must be a number from 1 to 10, given 0"],
    ["a lag that is none", ["--gateway-lag", "soon"], "given soon"],
    ["a lag longer than a minute", ["--gateway-lag", "60001"], "from 0 to 60000"],
    ["a settling below zero", ["--gateway-settle=-1"], "given -1"],
    ["a registration that never ends", ["--gateway-register", "181"], "from 0 to 180"],
    ["a manner that the gateway does not have", ["--gateway-like", "envoy"], "given envoy"],
    ["a word too many", ["start"], "start"],
    ["a file that is not there", ["--images", "/nowhere.json"], "/nowhere.json cannot be read"],
  ])("%s is refused with how to use them", (_name, given, message) => {
    expect(() => readOptions(given)).toThrow(message);
  });

  it("an image without a command is refused by its name", () => {
    expect(() => readOptions(images('{"team/echo:1": {"command": "node"}}'))).toThrow('team/echo:1 must be {"command"');
  });
});

describe("the front door", () => {
  it("says which port is taken, and how to choose another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(openFrontDoor(port)).rejects.toThrow(
      `Port ${port} is taken by another program. Choose another one: npm start -- --port ${port + 1}`,
    );
    other.close();
  });

  it("answers to no name but the loopback address's, whatever leads there", async () => {
    const door = await openFrontDoor(0);
    door.open("*", async (_request, response) => void response.end("up"));
    const ask = async (host: string): Promise<number | undefined> => {
      const [response] = await once(get({ host: "127.0.0.1", port: door.port, headers: { host } }), "response");
      return response.statusCode;
    };
    expect([await ask(`localhost:${door.port}`), await ask("127.0.0.1"), await ask("evil.example.com")]).toEqual([200, 200, 421]);
    await door.close();
  });

  it("answers 503 until what is behind it has started", async () => {
    const door = await openFrontDoor(0);
    expect((await fetch(`http://127.0.0.1:${door.port}/v1/healthz`)).status).toBe(503);
    door.open("v1", async (_request, response) => void response.end("up"));
    expect(await (await fetch(`http://127.0.0.1:${door.port}/v1/healthz`)).text()).toBe("up");
    await door.close();
  });
});
