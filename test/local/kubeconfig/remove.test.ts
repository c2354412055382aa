import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { echoDeployment } from "../system/image.ts";
import { projectRoot, System } from "../system/system.ts";
import { type ClusterAlone, startClusterAlone } from "./cluster-alone.ts";

let alone: ClusterAlone;
let system: System;
beforeAll(async () => {
  alone = await startClusterAlone();
});
afterAll(async () => {
  await system?.stop();
  await alone?.stop();
});

const kinds = {
  namespaces: "/api/v1/namespaces",
  roles: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  bindings: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  policies: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  schemas: "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
  levels: "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
  classes: "/apis/gateway.networking.k8s.io/v1/gatewayclasses",
  gateways: "/apis/gateway.networking.k8s.io/v1/gateways",
};
/** Names of everything in the cluster that could be ours. */
async function inventory(): Promise<Record<string, string[]>> {
  const found = Object.entries(kinds).map(async ([name, path]) => {
    const { items } = (await alone.api.get(path)).body;
    return [name, items.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort()] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

async function removeCommand(...words: string[]): Promise<{ code: number; output: string }> {
  const script = join(projectRoot, "bin", "cluster-remove.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, "--kubeconfig", alone.kubeconfig, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}

it("takes everything of ours away, on consent, and leaves what was there before", async () => {
  const before = await inventory();
  system = await System.start([...alone.options, "--yes"]);
  await system.call("POST", "/v1/deployments", { body: echoDeployment("here", { rollout: { drain_seconds: 0, warm_seconds: 0 } }) });
  await system.until("it serves", async () => (await fetch(`${system.url}/endpoints/here/`)).ok);

  const running = await removeCommand("--yes");
  expect(running).toMatchObject({ code: 1, output: expect.stringContaining(system.data) });
  await system.kill("SIGINT");

  const asked = await removeCommand();
  expect(asked).toMatchObject({ code: 1, output: expect.stringContaining("Namespace slipway-demo-staging, with every deployment in it") });
  expect(asked.output).toContain("Nothing was removed");
  expect((await inventory()).namespaces).toContain("slipway-demo-staging");

  const removed = await removeCommand("--yes");
  expect(removed, removed.output).toMatchObject({ code: 0 });
  expect(await inventory()).toEqual(before);
  expect(await removeCommand("--yes")).toMatchObject({ code: 0, output: expect.stringContaining("Nothing of Slipway") });
});

it("leaves the gateway's namespace to what others have put there", async () => {
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "slipway-gateway", labels: { "app.kubernetes.io/part-of": "slipway" } },
  };
  await alone.cluster.apply([namespace]);
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "theirs" }, spec: { ports: [{ port: 80 }] } };
  expect((await alone.api.create("/api/v1/namespaces/slipway-gateway/services", service)).status).toBe(201);
  const removed = await removeCommand("--yes");
  expect(removed.output).not.toContain("Namespace slipway-gateway,");
  expect((await inventory()).namespaces).toContain("slipway-gateway");
});
