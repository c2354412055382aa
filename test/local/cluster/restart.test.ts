import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { ApiClient } from "./support/api-client.ts";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { containerState, deployment, deployments, isReady, pod, pods } from "./support/objects.ts";
import { isRunning } from "./support/processes.ts";
import { serverScript } from "./support/server-image.ts";

test("objects, revisions and identity outlive a restart; containers start again as after a node's", async () => {
  let it: ClusterUnderTest = await startTestCluster();
  onTestFinished(() => it.stop());
  await it.api.create(deployments, deployment("kept"));
  const before = await it.api.untilAny(pods, isReady);
  const { pid } = (await it.api.get(`${pods}/${before.metadata.name}:8080/proxy/`)).body;
  const { adminToken, certificateAuthority } = it.cluster;
  const { resourceVersion } = (await it.api.get(pods)).body.metadata;

  await it.api.create(pods, pod("done", { restartPolicy: "Never" }, { args: ["ok"], readinessProbe: undefined }));
  await it.api.until(pods, "done", (each) => each.status.phase === "Succeeded");

  it = await it.restart();
  expect([it.cluster.adminToken, it.cluster.certificateAuthority]).toEqual([adminToken, certificateAuthority]);
  expect(isRunning(pid)).toBe(false);
  const after = await it.api.until(pods, before.metadata.name, (each) => containerState(each)?.restartCount === 1 && isReady(each));
  expect(after.metadata.uid).toBe(before.metadata.uid);
  expect(containerState(after).lastState.terminated).toMatchObject({ exitCode: 255, reason: "Unknown" });
  expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
  expect((await it.api.get(pods)).body.items).toHaveLength(2);
  expect((await it.api.get(`${pods}/done/log`)).text).toBe("done\n");
  expect((await it.api.get(`${pods}/${before.metadata.name}/log?previous=true`)).text).toContain("listening\n");
});

test("what a killed cluster left running is ended by the next one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-cluster-"));
  const script = join(folder, "server.cjs");
  writeFileSync(script, serverScript);
  const first = await startApart(folder, script);
  onTestFinished(() => first.kill());
  const api = new ApiClient(first.endpoint, first.certificateAuthority, first.adminToken);
  // The server starts a process of its own, which must go as well.
  const command = ["/bin/sh", "-c", `sleep 1000 & exec "${process.execPath}" "${script}" serve`];
  await api.create(pods, pod("orphan", {}, { command }));
  const before = await api.until(pods, "orphan", isReady);
  const { pid } = (await api.get(`${pods}/orphan:8080/proxy/`)).body;
  api.stop();
  await first.kill();
  expect(isRunning(pid)).toBe(true);

  const it = await startTestCluster({}, folder);
  onTestFinished(() => it.stop());
  await expect.poll(() => isRunning(pid)).toBe(false);
  const after = await it.api.until(pods, "orphan", (each) => containerState(each)?.restartCount === 1 && isReady(each));
  expect(after.metadata.uid).toBe(before.metadata.uid);
});

/** A cluster in a process of its own, so that it can be killed. */
async function startApart(folder: string, script: string) {
  const program = `
    import { startCluster } from ${JSON.stringify(new URL("../../../local/cluster/start.ts", import.meta.url).href)};
    const cluster = await startCluster({
      dataFolder: ${JSON.stringify(join(folder, "data"))}, name: "test", authenticate: async () => ({ error: "nobody" }),
      images: { "test/server:1": { command: [process.execPath, ${JSON.stringify(script)}] } },
    });
    await cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "test" } }]);
    console.log(JSON.stringify(cluster));`;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", program], {
    cwd: new URL("../../..", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const kill = () => {
    child.kill("SIGKILL");
    return ended;
  };
  return { ...(JSON.parse(String(line)) as { endpoint: string; certificateAuthority: string; adminToken: string }), kill };
}
