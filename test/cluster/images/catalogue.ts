import { join } from "node:path";
import { image as benchImage } from "../../../bench/switch/deployment.ts";
import { runtimes, storageInitializer } from "../../../domain/catalogue/runtimes.ts";
import type { Image } from "./archive.ts";
import { bundle } from "./bundle.ts";
import { type Files, layerOf } from "./layer.ts";
import { nodeLayer, nodePath, user } from "./node-base.ts";

/** Where the real node's pods find S3: whoever wants to serve artifacts there listens on it. */
export const artifactStore = "http://10.97.0.1:9000/aws";

/** Archives of the real node. Each is made around one program that was built, given as its file. */
export const archives = { node: nodeImages, gateway: gatewayImages } as const;

/** What the product's manifests name, the test server, and the one that holds a pod's namespaces. */
function nodeImages(pause: string): Image[] {
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
    onNode(runtimes.node.server.image, program("local/images/node-script/main.ts")),
    onNode(storageInitializer.image, program("local/images/storage-initializer/main.ts"), {
      AWS_ENDPOINT_URL: artifactStore,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "storage-initializer",
      AWS_SECRET_ACCESS_KEY: "local",
    }),
    onNode("localhost/test-server:1", program("test/cluster/support/server.ts")),
    onNode(benchImage, program("bench/switch/model-server.mjs")),
  ];
}

function gatewayImages(traefik: string): Image[] {
  return [{ name: "slipway.dev/traefik:1", layers: [layerOf({ "/traefik": { copyOf: traefik } })], entrypoint: ["/traefik"] }];
}

function program(entry: string): Files {
  return { "/app/main.mjs": bundle(entry) };
}

/** onnxruntime-web loads its WebAssembly, and the module around it, from beside itself: both lie beside the bundle. */
function onnxServer(): Files {
  const assets = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
  const from = join(import.meta.dirname, "..", "..", "..", "node_modules", "onnxruntime-web", "dist");
  return {
    ...program("local/images/onnx-server/main.ts"),
    ...Object.fromEntries(assets.map((file) => [`/app/${file}`, { copyOf: join(from, file) }])),
  };
}
