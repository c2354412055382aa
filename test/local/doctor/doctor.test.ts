import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { bootstrapObjects } from "../../../lib/cluster/bootstrap.ts";
import { examineCluster } from "../../../local/doctor/cluster.ts";
import { type Finding, inWords } from "../../../local/doctor/finding.ts";
import { KubernetesApi } from "../../../local/kubeconfig/api.ts";
import { connectionOf } from "../../../local/kubeconfig/connection.ts";
import { gatewayToMake } from "../../../local/kubeconfig/gateway.ts";
import { type ClusterAlone, kubeconfigOf, startClusterAlone } from "../kubeconfig/cluster-alone.ts";
import { contextOf } from "../kubeconfig/context-of.ts";
import { stubApi } from "../kubeconfig/stub-api.ts";
import { projectRoot } from "../system/system.ts";

let alone: ClusterAlone;
beforeAll(async () => {
  alone = await startClusterAlone();
});
afterAll(() => alone?.stop());

async function examine(user: object = { token: alone.cluster.adminToken }, cluster: object = {}): Promise<Map<string, Finding>> {
  const api = new KubernetesApi(connectionOf(contextOf(alone, user, cluster)));
  const given = { class: undefined, service: undefined, port: undefined, settle_seconds: undefined, register_seconds: undefined };
  const findings = await examineCluster(api, { ...given, url: alone.cluster.gatewayUrl }).finally(() => api.connection.close());
  for (const finding of findings) expect(finding.outcome === "fine", inWords([finding])).toBe(finding.do === undefined);
  return new Map(findings.map((finding) => [finding.check, finding]));
}

describe("of a cluster in which nothing is set up", () => {
  it("says what is there and what the first start will bring", async () => {
    const found = await examine();
    expect(found.get("reachable")).toMatchObject({ outcome: "fine" });
    expect(found.get("version")).toMatchObject({ outcome: "fine", given: expect.stringContaining("v1.35") });
    expect(found.get("permissions")).toMatchObject({ outcome: "fine" });
    expect(found.get("gateway class")).toMatchObject({ outcome: "fine", given: "installed, of slipway.dev/local-gateway" });
    expect(found.get("bootstrap")).toMatchObject({ outcome: "broken", given: expect.stringContaining("ClusterRole slipway:writer") });
    expect(found.get("roles")).toMatchObject({ outcome: "broken", given: expect.stringContaining("not allowed to slipway:") });
    expect(found.get("metrics-server")).toMatchObject({ outcome: "lacking", do: expect.stringContaining("install metrics-server") });
    expect(found.get("nodes")).toMatchObject({ outcome: "fine" });
    expect(found.get("control plane")).toMatchObject({ given: "none drives this cluster now" });
  });

  it("tells each right that the kubeconfig's user lacks", async () => {
    const found = await examine({ token: "viewer" });
    const { outcome, given } = found.get("permissions") as Finding;
    expect(outcome).toBe("broken");
    expect(given).toContain("impersonate users");
    expect(given).toContain("create clusterroles.rbac.authorization.k8s.io");
    expect(given).toContain("get pods/log");
    expect(found.get("nodes")).toMatchObject({ outcome: "unknown", do: "see permissions" });
  });
});

it("finds nothing broken in one that is set up", async () => {
  await alone.cluster.apply(bootstrapObjects({ gateway: gatewayToMake("installed", {}) }));
  const found = await examine();
  expect([...found.values()].filter(({ outcome }) => outcome === "broken")).toEqual([]);
  expect(found.get("gateway figures")).toMatchObject({ outcome: "fine" });
  expect(found.get("service proxy")).toMatchObject({ outcome: "fine" });
});

test.each([
  ["a user whom the cluster does not know", () => examine({ token: "bad" }), "does not know the kubeconfig's user", "renew the token"],
  [
    "a plugin that fails",
    () => examine({ exec: { apiVersion: "client.authentication.k8s.io/v1", command: "/nowhere" } }),
    "/nowhere cannot be run",
    "mend the kubeconfig",
  ],
  [
    "an authority of somebody else",
    () => examine({}, { "certificate-authority-data": undefined }),
    "cannot be reached",
    "certificate-authority must be the one of this server",
  ],
  ["a server that is not there", () => examine({}, { server: "https://127.0.0.1:1" }), "ECONNREFUSED", "check that the cluster runs"],
])("asks nothing more where it cannot get in: %s", async (_what, look, given, todo) => {
  const found = await look();
  expect([...found.keys()]).toEqual(["reachable"]);
  expect(found.get("reachable")).toMatchObject({
    outcome: "broken",
    given: expect.stringContaining(given),
    do: expect.stringContaining(todo),
  });
});

it.each([
  [10, "fine"],
  [45, "lacking"],
])("counts what an ALB still has room for: %d deployments", async (count, outcome) => {
  const version = "/apis/gateway.networking.k8s.io/v1";
  const items = Array.from({ length: count }, (_, index) => ({ metadata: { name: `route-${index}` } }));
  const alb = await stubApi({
    "/version": [200, { gitVersion: "v1.33.1-eks-1" }],
    "/apis": [200, {}],
    [version]: [200, { resources: ["GatewayClass", "Gateway", "HTTPRoute"].map((kind) => ({ kind })) }],
    [`${version}/gatewayclasses`]: [200, { items: [{ metadata: { name: "alb" }, spec: { controllerName: "gateway.k8s.aws/alb" } }] }],
    [`${version}/namespaces/slipway-gateway/gateways/slipway`]: [200, { metadata: { name: "slipway" } }],
    "/api/v1/namespaces/slipway-gateway/services": [200, { items: [{ metadata: { name: "one" }, spec: { ports: [{ port: 80 }] } }] }],
    [`${version}/httproutes`]: [200, { items }],
  });
  const found = await examine({}, { server: alb.server });
  expect(found.get("gateway room")).toMatchObject({
    outcome,
    given: expect.stringContaining(`50 deployments in the middle of an update; ${count} are here`),
  });
  alb.stop();
});

it("tells a cluster that is too old, and one without the Gateway API", async () => {
  const old = await stubApi({ "/version": [200, { gitVersion: "v1.27.9-eks-5e0fdde" }], "/apis": [200, {}] });
  expect((await examine({}, { server: old.server })).get("version")).toMatchObject({
    outcome: "broken",
    given: expect.stringContaining("v1.27.9"),
  });
  old.stop();
  const bare = await stubApi({ "/version": [200, { gitVersion: "v1.33.1" }], "/apis": [200, {}] });
  const found = await examine({}, { server: bare.server });
  expect(found.get("version")).toMatchObject({ outcome: "fine" });
  expect(found.get("Gateway API")).toMatchObject({ outcome: "broken", do: expect.stringContaining("install the standard channel") });
  expect(found.get("bootstrap")).toMatchObject({ outcome: "unknown" });
  bare.stop();
});

it("is a command that ends with 1 where something is broken", async () => {
  const kubeconfig = join(alone.folder, "of-nobody");
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(alone.cluster, { token: "bad" })));
  const script = join(projectRoot, "bin", "doctor.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, "--kubeconfig", kubeconfig], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (piece) => (printed += piece));
  expect((await once(child, "close"))[0]).toBe(1);
  expect(printed).toMatch(/^BROKEN {3}reachable: .*\n {9}do: renew/);
});
