import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { expect } from "vitest";
import { System } from "./system.ts";

/**
 * Serves no model but the name of its artifact: `wrong…` fails smoke tests, `errs…` only what callers send. Whoever
 * calls is told which artifact answered.
 */
const server = `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
const folder = process.argv.find((word) => word.startsWith("--model_dir=")).slice("--model_dir=".length);
const artifact = readFileSync(folder + "/artifact", "utf8");
createServer((request, response) => {
  const fails = (artifact.startsWith("wrong") && request.url === "/known") || (artifact.startsWith("errs") && request.url.endsWith("/call"));
  response.writeHead(fails ? 500 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ name: "card", artifact, url: request.url }));
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;
const initializer = `
import { writeFileSync } from "node:fs";
const [, , given, folder] = process.argv;
const uri = given.replace(/[/]$/, "");
if (uri.endsWith("/missing")) { console.error("no object at " + uri); process.exit(7); }
writeFileSync(folder + "/artifact", uri.split("/").at(-1));
`;

const access = { access: "public" };
const rollout = { drain_seconds: 0, warm_seconds: 0 };
export const target = (more: object = {}) => ({ specification: { ...access, rollout, ...more } });

/** A system whose model servers are told apart by their artifacts, and what people and other systems do with it. */
export class Promoting {
  readonly system: System;
  readonly folder: string;
  readonly #options: string[];

  private constructor(system: System, folder: string, options: string[]) {
    this.system = system;
    this.folder = folder;
    this.#options = options;
  }

  static async start(...more: string[]): Promise<Promoting> {
    const folder = await mkdtemp(join(tmpdir(), "slipway-promotion-"));
    await writeFile(join(folder, "server.mjs"), server);
    await writeFile(join(folder, "initializer.mjs"), initializer);
    const images = {
      "kserve/storage-initializer:v0.20.0": { command: [process.execPath, join(folder, "initializer.mjs")] },
      "slipway/onnx-server:1": { command: [process.execPath, join(folder, "server.mjs")] },
    };
    await writeFile(join(folder, "images.json"), JSON.stringify(images));
    const options = ["--no-sample", "--images", join(folder, "images.json"), ...more.map((word) => word.replace("{folder}", folder))];
    const scene = new Promoting(await System.start(options), folder, options);
    expect((await scene.call("PUT", "/v1/groups/demo", {})).status).toBe(200);
    return scene;
  }

  /** As after a crash of the machine. */
  async restart(): Promise<void> {
    await this.system.kill("SIGKILL");
    await this.system.run(this.#options);
  }

  async stop(): Promise<void> {
    await this.system.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  call = (method: string, path: string, body?: object, as = "admin") => this.system.call(method, path, { as, ...(body && { body }) });

  async model(name: string, policy: object): Promise<void> {
    expect((await this.call("POST", "/v1/models", { group: "demo", name })).status).toBe(201);
    const put = await this.call("PUT", `/v1/models/demo/${name}/promotion-policy`, { staging: target(), production: target(), ...policy });
    expect(put.body).toMatchObject({ updated_by: expect.any(String) });
  }

  async register(name: string, artifact = "iris"): Promise<number> {
    const body = { artifact_uri: `s3://artifacts/${name}/${artifact}`, runtime: "onnx" };
    return (await this.call("POST", `/v1/models/demo/${name}/versions`, body)).body.version;
  }

  promote = (name: string, version: number, environment: string, more: object = {}, as = "admin") =>
    this.call("POST", `/v1/models/demo/${name}/versions/${version}/promotions`, { environment, ...more }, as);

  promotion = async (id: string) => (await this.call("GET", `/v1/promotions/${id}`)).body;
  /** Of a model, newest first. */
  promotions = async (name: string) => (await this.call("GET", `/v1/promotions?group=demo&model=${name}`)).body.items;
  state = async (id: string) => (await this.call("GET", `/v1/deployments/${id}/state`)).body;

  async ended(id: string, outcome: string): Promise<void> {
    await this.system.until(`promotion ${id} has ended`, async () => (await this.promotion(id)).outcome !== null, 180);
    const promotion = await this.promotion(id);
    expect(promotion.outcome, JSON.stringify(promotion.cause)).toBe(outcome);
  }

  async atGate(name: string): Promise<string> {
    const waiting = async () => (await this.promotions(name))[0]?.waiting_for === "approval";
    await this.system.until(`a version of ${name} waits at the gate`, waiting, 120);
    return (await this.promotions(name))[0].id;
  }

  /** Which artifact answers at the endpoint. */
  answering = async (id: string): Promise<string> =>
    ((await (await fetch(`${this.system.url}/endpoints/${id}/any`)).json()) as { artifact: string }).artifact;

  /** Training jobs, on the bus. */
  async put(details: object[]): Promise<void> {
    const client = new EventBridgeClient({
      endpoint: `${this.system.url}/aws`,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const entry = { EventBusName: "slipway", Source: "model-studio", DetailType: "Training Job State Change" };
    for (let start = 0; start < details.length; start += 10) {
      const Entries = details.slice(start, start + 10).map((detail) => ({ ...entry, Detail: JSON.stringify(detail) }));
      expect((await client.send(new PutEventsCommand({ Entries }))).FailedEntryCount).toBe(0);
    }
    client.destroy();
  }
}
