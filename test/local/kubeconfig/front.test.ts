import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { clusterIdentity, type Identity } from "../../../local/cluster/api/certificate.ts";
import type { LoopbackServer } from "../../../local/cluster/api/loopback-server.ts";
import { connectionOf } from "../../../local/kubeconfig/connection.ts";
import { startFront } from "../../../local/kubeconfig/front.ts";
import { type ClusterAlone, startClusterAlone } from "./cluster-alone.ts";
import { contextOf } from "./context-of.ts";

const writer = { username: "arn:aws:sts::000000000000:assumed-role/Writer/Step", groups: ["slipway:writer", "slipway:prober"] };
const authenticate = async (token: string) => (token === "of-a-writer" ? writer : { error: "nobody has this token" });

let folder: string;
let identity: Identity;
let alone: ClusterAlone;
let front: LoopbackServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-front-"));
  identity = await clusterIdentity(folder, "front");
  alone = await startClusterAlone();
  front = await startFront({ connection: connectionOf(contextOf(alone, { token: alone.cluster.adminToken })), identity, authenticate });
});
afterAll(async () => {
  await front?.stop();
  await alone?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One request through a front. */
async function call(path: string, { token = "of-a-writer", method = "GET", body = "", headers = {}, through = front } = {}) {
  const outgoing = request(`${through.endpoint}${path}`, {
    ...{ method, ca: identity.authority, agent: false },
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}
async function answer(response: IncomingMessage) {
  let text = "";
  for await (const piece of response) text += piece;
  return { status: response.statusCode, body: JSON.parse(text) };
}

const whoMay = {
  apiVersion: "authorization.k8s.io/v1",
  kind: "SelfSubjectAccessReview",
  spec: { resourceAttributes: { verb: "get", resource: "secrets" } },
};
const ask = { method: "POST", body: JSON.stringify(whoMay), headers: { "content-type": "application/json" } };
const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

test.each([
  ["without a token", ""],
  ["with one that is nobody's", "of-a-stranger"],
])("nobody is let in %s", async (_how, token) => {
  const refused = await answer(await call("/version", { token }));
  expect(refused).toMatchObject({ status: 401, body: { kind: "Status", reason: "Unauthorized", code: 401 } });
});

it("acts as who the token is of, and not as the kubeconfig's user", async () => {
  const refused = await answer(await call("/api/v1/nodes"));
  expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining(`User "${writer.username}" cannot list`) } });
  expect(await answer(await call(reviews, ask))).toMatchObject({ status: 201, body: { status: { allowed: false } } });
});

it.each([
  ["Impersonate-User", "kubernetes-admin"],
  ["Impersonate-Group", "system:masters"],
  ["impersonate-extra-scopes", "all"],
  ["Impersonate-Uid", "0"],
])("leaves it to nobody to say who they are: %s is dropped", async (name, value) => {
  const told = await answer(await call(reviews, { ...ask, headers: { ...ask.headers, [name]: value } }));
  expect(told).toMatchObject({ status: 201, body: { status: { allowed: false } } });
});

it("passes a watch on as it comes, and ends it where the caller does", async () => {
  const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });
  await alone.cluster.apply([
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "looks" },
      rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["watch"] }],
    },
    {
      ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name: "looks" } },
      ...{ roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "looks" }, subjects: [group("slipway:writer")] },
    },
  ]);
  const watch = await call("/api/v1/namespaces?watch=true&fieldSelector=metadata.name=late");
  expect(watch.statusCode).toBe(200);
  const first = once(watch, "data");
  await alone.cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "late" } }]);
  expect(JSON.parse(String(await first))).toMatchObject({ type: "ADDED", object: { metadata: { name: "late" } } });
  const closed = once(watch, "close");
  watch.destroy();
  await closed;
});

it("passes upgraded connections on in both directions", async () => {
  const upstream = createServer();
  upstream.on("upgrade", (asked: IncomingMessage, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-As: ${asked.headers["impersonate-user"]}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  await once(upstream.listen(0, "127.0.0.1"), "listening");
  const server = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const through = await startFront({ connection: connectionOf(contextOf(alone, { token: "t" }, { server })), identity, authenticate });
  const outgoing = request(`${through.endpoint}/exec`, {
    ...{ ca: identity.authority, agent: false },
    headers: { authorization: "Bearer of-a-writer", connection: "Upgrade", upgrade: "echo" },
  });
  outgoing.end();
  const [response, socket] = await once(outgoing, "upgrade");
  expect(response.headers).toMatchObject({ upgrade: "echo", "x-as": writer.username });
  socket.write("there and back");
  expect(String(await once(socket, "data"))).toBe("there and back");
  socket.destroy();
  await through.stop();
  upstream.close();
});

it("says that the cluster is away where it is, and goes on when it is back", async () => {
  const away = createServer((_request, response) => void response.end("{}"));
  await once(away.listen(0, "127.0.0.1"), "listening");
  const { port } = away.address() as AddressInfo;
  const server = `http://127.0.0.1:${port}`;
  const through = await startFront({ connection: connectionOf(contextOf(alone, {}, { server })), identity, authenticate });
  away.close();
  away.closeAllConnections();
  await once(away, "close");
  const refused = await answer(await call("/version", { through }));
  expect(refused).toMatchObject({ status: 503, body: { kind: "Status", message: expect.stringContaining("cannot be reached") } });
  const back = createServer((_request, response) => void response.end("{}"));
  await once(back.listen(port, "127.0.0.1"), "listening");
  expect((await call("/version", { through })).statusCode).toBe(200);
  await through.stop();
  back.close();
  back.closeAllConnections();
});

it("speaks TLS only", async () => {
  const { port } = new URL(front.endpoint);
  const plain = httpRequest({ host: "127.0.0.1", port, path: "/version" });
  plain.end();
  await expect(once(plain, "response")).rejects.toThrow();
});
