import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { exportOnnx } from "../../../local/sample/export-onnx.ts";
import { train } from "../../../local/sample/train.ts";
import { projectRoot } from "../system/system.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-image-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm run image`. */
function image(...words: string[]) {
  const script = join(projectRoot, "bin", "image.ts");
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...words], { encoding: "utf8" });
}

interface Described {
  digest: string;
  size: number;
  mediaType: string;
}
const layout = join(folder, "layout");
const blob = ({ digest }: Described) => join(layout, "blobs", digest.replace(":", "/"));
const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const archive = join(folder, "onnx-server.tar");

beforeAll(() => {
  const { status, stdout, stderr } = image("slipway/onnx-server", archive);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("docker.io/slipway/onnx-server:1");
  mkdirSync(layout);
  execFileSync("tar", ["-xf", archive, "-C", layout]);
});

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest("hex");
}

it("is a layout as OCI describes it: everything under its digest, nothing that is not named", async () => {
  expect(json(join(layout, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
  const { schemaVersion, manifests } = json(join(layout, "index.json"));
  expect(schemaVersion).toBe(2);
  expect(manifests).toHaveLength(1);
  expect(manifests[0].annotations["io.containerd.image.name"]).toBe("docker.io/slipway/onnx-server:1");
  const manifest = json(blob(manifests[0]));
  const named: Described[] = [manifests[0], manifest.config, ...manifest.layers];
  expect(named.map(({ mediaType }) => mediaType)).toEqual([
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.config.v1+json",
    ...manifest.layers.map(() => "application/vnd.oci.image.layer.v1.tar"),
  ]);
  for (const each of named) {
    expect(`sha256:${await sha256(blob(each))}`).toBe(each.digest);
    expect(statSync(blob(each)).size).toBe(each.size);
  }
  expect(readdirSync(join(layout, "blobs", "sha256")).sort()).toEqual(named.map(({ digest }) => digest.slice("sha256:".length)).sort());
  const config = json(blob(manifest.config));
  expect(config.rootfs).toEqual({ type: "layers", diff_ids: manifest.layers.map(({ digest }: Described) => digest) });
  expect(config.config).toMatchObject({ User: "1000:1000", Entrypoint: ["/usr/local/bin/node", "/app/main.mjs"] });
});

it("has all that its program needs: what is in it serves a model", async () => {
  const root = join(folder, "root");
  const models = join(folder, "models");
  for (const made of [root, models]) mkdirSync(made);
  writeFileSync(join(models, "model.onnx"), exportOnnx(train().classifier));
  const manifest = json(blob(json(join(layout, "index.json")).manifests[0]));
  for (const layer of manifest.layers) execFileSync("tar", ["-xf", blob(layer), "-C", root]);
  const words = ["app/main.mjs", "--model_name=iris", `--model_dir=${models}`, "--http_port=0"].map((word, at) =>
    at === 0 ? join(root, word) : word,
  );
  const server = spawn(join(root, "usr/local/bin/node"), words, { cwd: root, env: {}, stdio: ["ignore", "pipe", "inherit"] });
  try {
    let port = "";
    for await (const line of createInterface({ input: server.stdout })) {
      port ||= /listening on port (\d+)/.exec(line)?.[1] ?? "";
      if (/loaded from/.test(line)) break;
    }
    const inputs = [{ name: "input", shape: [1, 4], datatype: "FP32", data: [5.1, 3.5, 1.4, 0.2] }];
    const answer = await fetch(`http://127.0.0.1:${port}/v2/models/iris/infer`, { method: "POST", body: JSON.stringify({ inputs }) });
    expect(((await answer.json()) as { outputs: { data: number[] }[] }).outputs[0]?.data).toEqual([0]);
  } finally {
    server.kill("SIGKILL");
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  }
});

it("is the same bytes each time, and has the name that it was to have", async () => {
  const again = join(folder, "again.tar");
  image("slipway/onnx-server:1", again);
  expect(await sha256(again)).toBe(await sha256(archive));
  expect(image("slipway/node-script:1", again, "--as", "registry.example.com:5000/ml/script:2").stdout).toContain(
    "registry.example.com:5000/ml/script:2",
  );
});

test.each([
  [["other", "x.tar"], "There is no image other here. Use: npm run image -- NAME FILE"],
  [["slipway/onnx-server"], "One file is written: given none"],
  [["slipway/onnx-server", "a.tar", "b.tar"], "One file is written: given a.tar b.tar"],
  [
    ["slipway/onnx-server", "a.tar", "--as", "Onnx"],
    "--as must be a name with a tag, such as registry.example.com/ml/onnx-server:1, given Onnx",
  ],
  [["slipway/onnx-server", "/nowhere/a.tar"], "/nowhere/a.tar cannot be written: ENOENT"],
])("refuses %j, and writes nothing", (words, message) => {
  const { status, stderr } = image(...words);
  expect(stderr).toContain(message);
  expect(status).toBe(1);
  expect(existsSync(join(projectRoot, "a.tar"))).toBe(false);
});
