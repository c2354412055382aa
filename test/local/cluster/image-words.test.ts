import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterUnderTest, startTestCluster } from "./support/cluster-under-test.ts";
import { pod, pods } from "./support/objects.ts";

let it: ClusterUnderTest;
const tell = [process.execPath, "-e", "console.log(JSON.stringify({ env: process.env, args: process.argv.slice(1) }))", "--"];
beforeAll(async () => {
  it = await startTestCluster({
    images: {
      "test/worded:1": {
        // As an image's own CMD has them; the program itself lies on this machine, for this test below /tmp.
        command: [...tell, "start", "/mnt/models", "--port", "8080", "--metrics=8082", "{port}", "/tmp/venv/bin/server"],
        env: {
          MODELS_DIR: "/mnt/models",
          ENV_TARBALL: "/mnt/models/environment.tar.gz",
          LISTEN: "0.0.0.0:8080",
          PYTHONPATH: "/tmp/venv/lib",
        },
      },
    },
  });
});
afterAll(() => it.stop());

test("what an image's command and environment say of ports and of what is mounted to be read is so; other paths are this machine's", async () => {
  const volumes = ["model", "tmp"].map((name) => ({ name, emptyDir: {} }));
  const volumeMounts = [
    { name: "model", mountPath: "/mnt/models", readOnly: true },
    { name: "tmp", mountPath: "/tmp" },
  ];
  const ports = [8080, 8082].map((containerPort) => ({ name: `p${containerPort}`, containerPort }));
  const env = [{ name: "HOME", value: "/tmp" }];
  const container = { image: "test/worded:1", args: [], ports, env, volumeMounts, readinessProbe: undefined };
  await it.api.create(pods, pod("worded", { restartPolicy: "Never", volumes }, container));
  await it.api.until(pods, "worded", (each) => each.status.phase === "Succeeded");
  const told = JSON.parse((await it.api.get(`${pods}/worded/log`)).text);
  const { PORT, MODELS_DIR } = told.env;
  expect(MODELS_DIR).toMatch(/\/volumes\/model$/);
  expect(told.env).toMatchObject({
    ENV_TARBALL: join(MODELS_DIR, "environment.tar.gz"),
    LISTEN: `0.0.0.0:${PORT}`,
    PYTHONPATH: "/tmp/venv/lib",
    HOME: expect.stringMatching(/\/volumes\/tmp$/),
  });
  const [start, directory, flag, port, metrics, again, program] = told.args;
  expect([start, directory, flag, port, again, program]).toEqual(["start", MODELS_DIR, "--port", PORT, PORT, "/tmp/venv/bin/server"]);
  expect(metrics).toMatch(/^--metrics=\d+$/);
  expect([`--metrics=${PORT}`, "--metrics=8082"]).not.toContain(metrics);
});
