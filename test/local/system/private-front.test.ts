import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { System } from "./system.ts";

/** Answers with the headers that it was sent. */
const mirror = `
const { createServer } = require("node:http");
createServer(({ headers }, response) => response.end(JSON.stringify(headers))).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

let system: System;
let folder: string;
let deployment: { uid: string; endpoint: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-front-"));
  await writeFile(join(folder, "mirror.cjs"), mirror);
  await writeFile(
    join(folder, "images.json"),
    JSON.stringify({ "test/mirror:1": { command: [process.execPath, join(folder, "mirror.cjs")] } }),
  );
  system = await System.start(["--no-sample", "--images", join(folder, "images.json")]);
  const predictor = { image: "test/mirror:1" };
  const created = await system.call("POST", "/v1/deployments", {
    body: { group: "demo", name: "vault", id: "vault", environment: "staging", predictor },
  });
  deployment = created.body.deployment;
  await system.until("it answers", async () => {
    const { body } = await system.call("GET", "/v1/deployments/vault/state");
    return body.status === "RUNNING";
  });
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const client = (path: string, body: object) => system.call("POST", `/v1/deployments/vault/clients${path}`, { body });
const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${deployment.endpoint}${path}`, { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

interface Line {
  path: string;
  status: string;
  requestId: string;
  [field: string]: string;
}
async function logged(paths: string[]): Promise<Line[]> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const logs = new CloudWatchLogsClient({ region: "us-east-1", endpoint: `${system.url}/aws`, credentials });
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
  const logGroupName = logGroups.map((group) => group.logGroupName ?? "").find((name) => name.includes("EndpointsApiAccessLogs"));
  let lines: Line[] = [];
  await system.until("the log has the lines", async () => {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: '{ $.path = "*" }' }));
    lines = events.map(({ message = "" }) => JSON.parse(message) as Line).filter(({ path }) => paths.some((one) => path.endsWith(one)));
    return lines.length >= paths.length;
  });
  return lines;
}

it("whoever is refused is told how to ask, and not why", async () => {
  const { body } = await client("", { name: "brief", expires_at: new Date(Date.now() + 5_000).toISOString() });
  await system.until("the token has expired", async () => (await ask("/x", bearer(body.token))).status === 401);
  const answers = await Promise.all([ask("/nobody"), ask("/wrong", bearer("slipway_brief.x")), ask("/expired", bearer(body.token))]);
  for (const answer of answers) {
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="slipway"']);
    expect(await answer.json()).toMatchObject({ code: "unauthenticated", message: expect.stringContaining("name and token") });
  }
});

it("the model sees the client that asks, whatever the request says of itself", async () => {
  const { body } = await client("", { name: "checkout" });
  const forged = { "x-forwarded-user": "root", "x-slipway-access": "public", "x-slipway-deployment": "other" };
  const seen = await (await ask("/x", { ...bearer(body.token), ...forged })).json();
  expect(seen).toMatchObject({ "x-forwarded-user": "checkout", "x-slipway-access": "client", "x-slipway-deployment": deployment.uid });
  expect(seen).not.toHaveProperty("authorization");
});

it("a token that was rotated works until its overlap is over", async () => {
  const rotate = async (overlap_seconds: number) => (await client("/turning/rotate", { overlap_seconds })).body.token;
  const works = async (token: string) => (await ask("/x", bearer(token))).status;
  const first = (await client("", { name: "turning" })).body.token;
  const second = await rotate(3_600);
  expect([await works(first), await works(second)]).toEqual([200, 200]);
  const third = await rotate(0);
  expect([await works(first), await works(second), await works(third)]).toEqual([401, 401, 200]);
  const fourth = await rotate(1);
  await system.until("the overlap is over", async () => (await works(third)) === 401);
  expect(await works(fourth)).toBe(200);
});

it("the access log tells of each request who asked which deployment, also after a restart", async () => {
  const { body } = await client("", { name: "counted" });
  const answer = await ask("/logged?token=1", bearer(body.token));
  await answer.text();
  await (await ask("/refused")).text();
  await (await fetch(`${system.url}/endpoints/vault/absent`)).text();
  const paths = ["/logged", "/refused", "/absent"];
  const byPath = async () => Object.fromEntries((await logged(paths)).map((line) => [line.path.split("/").at(-1), line]));
  const lines = await byPath();
  expect(lines.logged).toMatchObject({
    ...{ status: "200", deployment: deployment.uid, client: "counted", httpMethod: "GET", error: "-" },
    ...{ path: "/private-endpoints/vault/logged", requestId: answer.headers.get("x-amzn-requestid") },
  });
  expect(lines.refused).toMatchObject({ status: "401", deployment: "-", client: "-", error: "Unauthorized" });
  expect(lines.absent).toMatchObject({ status: "404", deployment: "-", client: "-", path: "/endpoints/vault/absent" });
  // Its line is not waited for: a clean stop keeps it.
  await (await ask("/last", bearer(body.token))).text();
  expect(await system.kill("SIGINT")).toBe(0);
  await system.run(["--no-sample", "--images", join(folder, "images.json")]);
  paths.push("/last");
  expect((await byPath()).last).toMatchObject({ status: "200", client: "counted" });
});
