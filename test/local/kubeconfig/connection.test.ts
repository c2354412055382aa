import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { KubernetesApi } from "../../../local/kubeconfig/api.ts";
import { connectionOf } from "../../../local/kubeconfig/connection.ts";
import { type ClusterAlone, startClusterAlone } from "./cluster-alone.ts";
import { contextOf } from "./context-of.ts";

let alone: ClusterAlone;
beforeAll(async () => {
  alone = await startClusterAlone();
});
afterAll(() => alone?.stop());

/** Asks as this user for what only those who are known may see. */
async function ask(user: object, cluster: object = {}): Promise<unknown> {
  const api = new KubernetesApi(connectionOf(contextOf(alone, user, cluster)));
  try {
    return await api.get("/apis");
  } finally {
    api.connection.close();
  }
}
const known = { kind: "APIGroupList" };

/** A credential plugin that prints this. */
function plugin(
  printed: unknown,
  { code = 0, complaint = "", ...more }: Record<string, unknown> & { code?: number; complaint?: string } = {},
) {
  const file = join(alone.folder, `plugin-${Math.random()}.mjs`);
  const text = typeof printed === "string" ? printed : JSON.stringify(printed);
  writeFileSync(
    file,
    `import { appendFileSync } from "node:fs";
appendFileSync(${JSON.stringify(`${file}.runs`)}, process.env.KUBERNETES_EXEC_INFO + "\\n");
process.stderr.write(${JSON.stringify(complaint)});
process.stdout.write(${JSON.stringify(text)}.replace("$TOKEN", process.env.GIVEN_TOKEN ?? ""), () => process.exit(${code}));`,
  );
  const env = [{ name: "GIVEN_TOKEN", value: alone.cluster.adminToken }];
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: [file],
    env,
    interactiveMode: "IfAvailable",
    ...more,
  };
  return { user: { exec }, runs: () => readFileSync(`${file}.runs`, "utf8").trim().split("\n") };
}
const credential = (status: object) => ({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });

it("shows a token, whether it stands there or in a file that is written anew", async () => {
  expect(await ask({ token: alone.cluster.adminToken })).toMatchObject(known);
  const tokenFile = join(alone.folder, "token");
  writeFileSync(tokenFile, "bad\n");
  const api = new KubernetesApi(connectionOf(contextOf(alone, { tokenFile })));
  await expect(api.get("/apis")).rejects.toThrow("401");
  writeFileSync(tokenFile, `${alone.cluster.adminToken}\n`);
  expect(await api.get("/apis")).toMatchObject(known);
  api.connection.close();
});

it("runs a credential plugin once for many requests, and tells it of the cluster when it wants to know", async () => {
  const { user, runs } = plugin(credential({ token: "$TOKEN" }), { provideClusterInfo: true });
  const api = new KubernetesApi(connectionOf(contextOf(alone, user)));
  await api.get("/apis");
  await api.get("/apis");
  api.connection.close();
  expect(runs()).toHaveLength(1);
  expect(JSON.parse(runs()[0] as string)).toMatchObject({ spec: { interactive: false, cluster: { server: alone.cluster.endpoint } } });
});

it("asks a plugin anew when what it gave has ended", async () => {
  const { user, runs } = plugin(credential({ token: "$TOKEN", expirationTimestamp: "2020-01-01T00:00:00Z" }));
  const api = new KubernetesApi(connectionOf(contextOf(alone, user)));
  await api.get("/apis");
  await api.get("/apis");
  api.connection.close();
  expect(runs().length).toBeGreaterThan(1);
});

it("asks a plugin anew when the cluster refuses what it gave, once", async () => {
  const { user, runs } = plugin(credential({ token: "bad" }));
  await expect(ask(user)).rejects.toThrow("was answered 401");
  expect(runs()).toHaveLength(2);
});

test.each([
  [
    "that is not there",
    () => ({ exec: { ...plugin("").user.exec, command: "/nowhere/aws", installHint: "Install the AWS CLI" } }),
    "/nowhere/aws cannot be run: spawn /nowhere/aws ENOENT. Install the AWS CLI",
  ],
  ["that fails", () => plugin("", { code: 3, complaint: "Token has expired: sign in" }).user, "ended with 3: Token has expired: sign in"],
  ["that prints no credential", () => plugin("hello").user, "printed is no ExecCredential: it is not JSON"],
  ["that gives nothing", () => plugin(credential({})).user, "gave neither a token nor a client certificate"],
  [
    "of a version nobody knows",
    () => plugin("", { apiVersion: "client.authentication.k8s.io/v2" }).user,
    "is configured for client.authentication.k8s.io/v2",
  ],
  ["that wants a terminal", () => plugin("", { interactiveMode: "Always" }).user, "wants a terminal"],
])("a credential plugin %s is told", async (_what, user, message) => {
  await expect(ask(user())).rejects.toThrow(message);
});

it("does not tell what a plugin printed", async () => {
  await expect(ask(plugin('{"status": "canary-7a1c"').user)).rejects.not.toThrow("canary-7a1c");
});

test.each([
  ["an auth-provider", { "auth-provider": { name: "gcp" } }, {}, "uses an auth-provider"],
  ["impersonation by the kubeconfig", { as: "somebody" }, {}, "impersonates somebody (as)"],
  ["another kind of proxy", {}, { "proxy-url": "socks5://127.0.0.1:1080" }, "goes through the proxy socks5://127.0.0.1:1080"],
  ["a server that is no URL", {}, { server: "cluster.example.com" }, "must be an http or https URL, given cluster.example.com"],
  ["a certificate that is not there", { "client-certificate": "/nowhere.crt" }, {}, "client-certificate names cannot be read"],
])("%s is refused by name", async (_what, user, cluster, message) => {
  await expect(ask(user, cluster)).rejects.toThrow(message);
});

it("trusts the authority that the kubeconfig names, and no other", async () => {
  const other = await generate([{ name: "commonName", value: "somebody else" }], { keyType: "ec" });
  const authority = Buffer.from(other.cert).toString("base64");
  await expect(ask({ token: alone.cluster.adminToken }, { "certificate-authority-data": authority })).rejects.toThrow("cannot be reached");
  const unchecked = { "certificate-authority-data": undefined, "insecure-skip-tls-verify": true };
  expect(await ask({ token: alone.cluster.adminToken }, unchecked)).toMatchObject(known);
});

it("checks the server's name, or the one that it is to have instead", async () => {
  const token = alone.cluster.adminToken;
  expect(await ask({ token }, { "tls-server-name": "kubernetes" })).toMatchObject(known);
  await expect(ask({ token }, { "tls-server-name": "elsewhere.example.com" })).rejects.toThrow("cannot be reached");
});

it("says of a key that does not fit that it does not", async () => {
  const { cert } = await generate([{ name: "commonName", value: "me" }], { keyType: "ec" });
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const data = (text: string) => Buffer.from(text).toString("base64");
  await expect(ask({ "client-certificate-data": data(cert), "client-key-data": data(privateKey) })).rejects.toThrow(
    "The client certificate of the context alone cannot be shown",
  );
});

it("says of a client certificate that is none that it is none", async () => {
  const none = { "client-certificate-data": btoa("no certificate"), "client-key-data": btoa("no key") };
  await expect(ask(none)).rejects.toThrow("The client certificate of the context alone cannot be shown");
});

test.each([
  ["has ended", [-2, -1], /^The client certificate of the context alone \(CN=me\) ended on \d{4}-.*: renew it/],
  ["has not begun", [1, 2], /begins on \d{4}-.*: is this machine's clock right\?/],
])("says of a client certificate that it %s, where nothing else tells who asks", async (_what, [from = 0, to = 0], message) => {
  const day = 86_400_000;
  const dates = { notBeforeDate: new Date(Date.now() + from * day), notAfterDate: new Date(Date.now() + to * day) };
  const { cert, private: key } = await generate([{ name: "commonName", value: "me" }], { keyType: "ec", ...dates });
  const data = (text: string) => Buffer.from(text).toString("base64");
  const user = { "client-certificate-data": data(cert), "client-key-data": data(key) };
  await expect(ask(user)).rejects.toThrow(message);
  expect(await ask({ ...user, token: alone.cluster.adminToken })).toMatchObject(known);
});
