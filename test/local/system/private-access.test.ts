import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { System } from "./system.ts";

/** Answers with what it was sent. */
const mirror = `
const { createServer } = require("node:http");
createServer(({ url, headers }, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ name: process.env.NAME, url, headers }));
}).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

let system: System;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-private-"));
  await writeFile(join(folder, "mirror.cjs"), mirror);
  const images = { "test/mirror:1": { command: [process.execPath, join(folder, "mirror.cjs")] } };
  await writeFile(join(folder, "images.json"), JSON.stringify(images));
  system = await System.start(["--no-sample", "--images", join(folder, "images.json")]);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ended(id: string): Promise<string> {
  const operation = async () => (await system.call("GET", `/v1/operations/${id}`)).body;
  await system.until("the operation has ended", async () => (await operation()).outcome !== null, 150);
  return (await operation()).outcome;
}

/** Nothing is said of access: it is private. */
async function create(id: string) {
  const predictor = { image: "test/mirror:1", env: [{ name: "NAME", value: id }] };
  const rollout = { drain_seconds: 0, warm_seconds: 0 };
  const body = { group: "demo", name: id, id, environment: "staging", predictor, rollout };
  const created = await system.call("POST", "/v1/deployments", { body });
  expect(await ended(created.body.operation.id)).toBe("SUCCEEDED");
  return created.body.deployment;
}

const addClient = async (id: string, name: string): Promise<string> =>
  (await system.call("POST", `/v1/deployments/${id}/clients`, { body: { name } })).body.token;

/** With the path as it is given: a URL would have its dots resolved. */
async function ask(path: string, authorization?: string) {
  const answer = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    const headers = authorization === undefined ? {} : { authorization };
    request({ host: "127.0.0.1", port: system.port, path, headers }, resolve).on("error", reject).end();
  });
  const body = await text(answer);
  return { status: answer.statusCode, body: answer.statusCode === 200 ? JSON.parse(body) : body };
}
const bearer = (token: string) => `Bearer ${token}`;
const basic = (name: string, token: string) => `Basic ${Buffer.from(`${name}:${token}`).toString("base64")}`;

describe("a private deployment", () => {
  it("answers its own clients until they are removed, and nobody else, whatever the path says", async () => {
    const [{ endpoint }] = [await create("vault"), await create("safe")];
    expect(endpoint).toBe(`${system.url}/private-endpoints/vault`);
    const listed = await system.call("GET", "/v1/deployments?search=vault");
    expect(listed.body.items[0].endpoint).toBe(endpoint);
    expect((await system.call("GET", "/v1/deployments/vault/state")).body.endpoint).toBe(endpoint);

    const [token, foreign] = [await addClient("vault", "checkout"), await addClient("safe", "checkout")];
    for (const authorization of [bearer(token), basic("checkout", token)]) {
      const { status, body } = await ask("/private-endpoints/vault/v2/models/m/infer?x=1", authorization);
      expect([status, body.name, body.url]).toEqual([200, "vault", "/v2/models/m/infer?x=1"]);
      expect(body.headers).toMatchObject({ "x-forwarded-user": "checkout", "x-slipway-access": "client" });
      expect(body.headers).not.toHaveProperty("authorization");
    }
    for (const refused of [undefined, bearer("x"), bearer(foreign), basic("other", token), basic("checkout", foreign)])
      expect((await ask("/private-endpoints/vault/x", refused)).status).toBe(401);
    expect((await ask("/endpoints/vault/x", bearer(token))).status).toBe(404);
    for (const dots of ["../", "%2e%2e/", "..%2f", "x/../../", "%2E./"]) {
      const { status, body } = await ask(`/private-endpoints/vault/${dots}safe/x`, bearer(token));
      expect([dots, status === 200 ? body.name : "no answer of it"]).not.toEqual([dots, "safe"]);
    }

    expect((await system.call("DELETE", "/v1/deployments/vault/clients/checkout")).status).toBe(204);
    expect((await ask("/private-endpoints/vault/x", bearer(token))).status).toBe(401);
    expect(system.output).not.toContain(token.slice(-43));
  });

  it("is opened and closed by an update, and by nothing else", async () => {
    const patch = (body: object) => system.call("PATCH", "/v1/deployments/safe", { body });
    const opened = await patch({ access: "public" });
    expect(opened.body.deployment).toMatchObject({ endpoint: `${system.url}/endpoints/safe`, specification: { access: "public" } });
    expect(await ended(opened.body.operation.id)).toBe("SUCCEEDED");
    expect((await ask("/endpoints/safe/x")).body).toMatchObject({ name: "safe", headers: { "x-slipway-access": "public" } });

    const back = await system.call("POST", "/v1/deployments/safe/rollback", { body: { revision: 1 } });
    expect(await ended(back.body.operation.id)).toBe("SUCCEEDED");
    const { body } = await system.call("GET", "/v1/deployments/safe");
    expect([body.revisions.running, body.specification.access, body.endpoint]).toEqual([1, "public", `${system.url}/endpoints/safe`]);
    expect((await ask("/endpoints/safe/x")).status).toBe(200);

    // What becomes of the rollout does not matter: the image is not there.
    const closed = await patch({ access: "private", predictor: { image: "test/absent:1" }, rollout: { deadline_seconds: 60 } });
    expect(await ended(closed.body.operation.id)).toBe("FAILED");
    expect((await ask("/endpoints/safe/x")).status).toBe(404);
    const token = await addClient("safe", "late");
    expect((await ask("/private-endpoints/safe/x", bearer(token))).body).toMatchObject({ name: "safe" });
  });
});
