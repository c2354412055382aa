import { join } from "node:path";
import { runtimes, storageInitializer } from "../../../domain/catalogue/runtimes.ts";
import type { Image } from "./archive.ts";
import { bundle } from "./bundle.ts";
import { type Files, layerOf } from "./layer.ts";
import { nodeLayer, nodePath, user } from "./node-base.ts";

/** Where the real node's pods find S3: whoever wants to serve artifacts there listens on it. */
export const artifactStore = "http://10.97.0.1:9000";

/** Images of the real node: what the product's manifests name, the test server, and the one that holds a pod's namespaces. */
export function imagesOf(pause: string): Image[] {
  const base = nodeLayer();
  const onNode = (name: string, files: Files, env: Record<string, string> = {}): Image => ({
    name: name.startsWith("localhost/") ? name : `docker.io/${name}`,
    layers: [base, layerOf(files)],
    entrypoint: [nodePath, "/app/main.mjs"],
    env: { PATH: "/usr/local/bin", HOME: "/tmp", ...env },
    user: `${user.uid}:${user.uid}`,
  });
  return [
    { name: "slipway.dev/pause:1", layers: [layerOf({ "/pause": { copyOf: pause } })], entrypoint: ["/pause"], user: "65535:65535" },
    onNode(runtimes.onnx.server.image, onnxServer()),
    onNode(storageInitializer.image, program("local/images/storage-initializer/main.ts"), {
      AWS_ENDPOINT_URL: artifactStore,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "storage-initializer",
      AWS_SECRET_ACCESS_KEY: "local",
    }),
    onNode("localhost/test-server:1", program("test/cluster/support/server.ts")),
  ];
}

function program(entry: string): Files {
  return { "/app/main.mjs": bundle(entry) };
}

/** onnxruntime-web loads its WebAssembly from beside its own module: it stays a package. */
function onnxServer(): Files {
  const name = "onnxruntime-web";
  const installed = join(import.meta.dirname, "..", "..", "..", "node_modules", name);
  const kept = ["package.json", "dist/ort.node.min.mjs", "dist/ort-wasm-simd-threaded.mjs", "dist/ort-wasm-simd-threaded.wasm"];
  return {
    "/app/main.mjs": bundle("local/images/onnx-server/main.ts", [name]),
    ...Object.fromEntries(kept.map((file) => [`/app/node_modules/${name}/${file}`, { copyOf: join(installed, file) }])),
  };
}
