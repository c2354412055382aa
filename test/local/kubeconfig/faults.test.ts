import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { KubernetesApi } from "../../../local/kubeconfig/api.ts";
import { claimPath, holdClaim, refuseIfClaimed } from "../../../local/kubeconfig/claim.ts";
import { connectionOf } from "../../../local/kubeconfig/connection.ts";
import { projectRoot } from "../system/system.ts";
import { type ClusterAlone, kubeconfigOf, startClusterAlone } from "./cluster-alone.ts";
import { contextOf } from "./context-of.ts";
import { stubApi } from "./stub-api.ts";

let alone: ClusterAlone;
let folder: string;
beforeAll(async () => {
  alone = await startClusterAlone();
  folder = mkdtempSync(join(tmpdir(), "slipway-faults-"));
});
afterAll(async () => {
  await alone?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `npm start` that is to end by itself: its code and what it said. */
async function start(...words: string[]): Promise<{ code: number; said: string }> {
  const data = words.includes("--data") ? [] : ["--data", mkdtempSync(join(folder, "data-"))];
  const script = join(projectRoot, "local", "main.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, "--port", "0", ...data, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  return { code, said };
}

function kubeconfig(user: object, cluster: object = {}): string[] {
  const file = join(folder, `kubeconfig-${Math.random()}`);
  writeFileSync(file, JSON.stringify(kubeconfigOf(alone.cluster, user, cluster)));
  return ["--kubeconfig", file];
}
/** What an API server knows of which Slipway asks, of the kinds of these groups. */
function apiOf(...groups: string[]): Parameters<typeof stubApi>[0] {
  const kinds: Record<string, string[]> = {
    "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding"],
    "gateway.networking.k8s.io/v1": ["GatewayClass", "Gateway", "HTTPRoute"],
  };
  const lists = groups.map((group) => {
    const resources = kinds[group]?.map((kind) => ({ kind, name: `${kind.toLowerCase()}s`, namespaced: kind === "Gateway" }));
    return [`/apis/${group}`, [200, { resources }]] as const;
  });
  const gatewayClass = { metadata: { name: "theirs" }, spec: { controllerName: "example.com/gateway" } };
  return {
    "/api/v1/namespaces/kube-system": [200, { metadata: { name: "kube-system", uid: "1" } }],
    ...Object.fromEntries(lists),
    ...(groups.includes("gateway.networking.k8s.io/v1") && {
      "/apis/gateway.networking.k8s.io/v1/gatewayclasses": [200, { items: [gatewayClass] }],
    }),
  };
}

test.each([
  [
    "without the Gateway API",
    [],
    "The cluster does not know the Gateway API. Install the Gateway API's definitions (standard channel, v1.0 or later)",
  ],
  [
    "that is too old",
    ["rbac.authorization.k8s.io/v1", "gateway.networking.k8s.io/v1"],
    "has no ValidatingAdmissionPolicy of admissionregistration.k8s.io/v1. ValidatingAdmissionPolicy is in Kubernetes 1.30 and later: take a newer cluster",
  ],
])("a cluster %s ends the start, which says what is missing", async (_what, groups, message) => {
  const stub = await stubApi(apiOf(...groups));
  const { code, said } = await start(...kubeconfig({}, { server: stub.server }));
  stub.stop();
  expect(said).toContain(message);
  expect(code).toBe(1);
});

const administrator = () => kubeconfig({ token: alone.cluster.adminToken });
const isThere = async (path: string) => (await alone.api.get(path)).status === 200;

test.each([
  ["a kubeconfig that is not there", () => ["--kubeconfig", "/nowhere"], "The kubeconfig /nowhere cannot be read"],
  ["a cluster that does not answer", () => kubeconfig({}, { server: "https://127.0.0.1:1" }), "https://127.0.0.1:1/ cannot be reached"],
  ["a user whom the cluster does not know", () => kubeconfig({ token: "bad" }), "was answered 401"],
  ["a user without rights", () => kubeconfig({ token: "viewer" }), 'User "viewer" cannot get resource "namespaces"'],
  [
    "a plugin that fails",
    () => kubeconfig({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "/nowhere" } }),
    "/nowhere cannot be run",
  ],
  [
    "a class that there is not",
    () => [...administrator(), "--gateway-class", "other"],
    "has no GatewayClass other. Choose one: --gateway-class installed",
  ],
  ["an option of the local cluster", () => [...administrator(), "--gateway-lag", "3"], "--gateway-lag is about the local cluster"],
  ["an address for pods that is none", () => [...administrator(), "--artifacts-at", "here"], "--artifacts-at must be HOST:PORT"],
  ["nobody who says yes", administrator, "Nothing was changed. Read it, and start again with --yes"],
])("%s ends the start, and changes nothing", async (_what, words, message) => {
  const { code, said } = await start(...words());
  expect(said).toContain(message);
  expect(code).toBe(1);
  expect(await isThere("/api/v1/namespaces/slipway-gateway")).toBe(false);
});

it("keeps the record of one cluster apart from another's", async () => {
  const data = mkdtempSync(join(folder, "data-"));
  expect((await start(...administrator(), "--data", data)).said).toContain("Nothing was changed");
  expect((await start("--data", data)).said).toContain("holds the record of a cluster of a kubeconfig");
});

it("is refused while another control plane drives the cluster, and may take the place of one that does not run", async () => {
  await alone.cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "slipway-gateway" } }]);
  const api = new KubernetesApi(connectionOf(contextOf(alone, { token: alone.cluster.adminToken })));
  const lost: string[] = [];
  const first = { id: "first", description: "npm start of the first" };
  const claim = await holdClaim(api, "slipway-gateway", first, (why) => lost.push(why));
  for (const words of [[], ["--take-over"]]) {
    const { code, said } = await start(...administrator(), ...words);
    expect(said).toContain("Another control plane drives this cluster: npm start of the first. End that one first");
    expect(code).toBe(1);
  }
  await claim.stop();
  const second = { id: "second", description: "npm start of the second" };
  const refusal = (takeOver: boolean) => refuseIfClaimed(api, "slipway-gateway", second, takeOver).catch((error: Error) => error.message);
  await expect.poll(() => refusal(false)).toContain("This cluster belongs to another control plane: npm start of the first");
  expect(await refusal(true)).toBeUndefined();
  await refuseIfClaimed(api, "slipway-gateway", first, false);
  expect(await isThere(claimPath("slipway-gateway"))).toBe(true);
  expect(lost).toEqual([]);
  api.connection.close();
});
