import { join } from "node:path";
import { runtimes } from "../../../domain/catalogue/runtimes.ts";
import type { Image } from "./archive.ts";
import { bundle } from "./bundle.ts";
import { type Files, layerOf } from "./layer.ts";
import { nodeLayer, nodePath, user } from "./node-base.ts";

/** Slipway's own model servers by the name that deployments give them: no registry has them. */
export const modelServers: Readonly<Record<string, () => Files>> = {
  [runtimes.onnx.server.image]: onnxServer,
  [runtimes.node.server.image]: () => program("local/images/node-script/main.ts"),
};

/** Images on this machine's Node, of which it is in the archive once. A name without a registry is Docker Hub's, as containerd keeps it. */
export function imagesOnNode(): (name: string, files: Files, env?: Record<string, string>) => Image {
  const base = nodeLayer();
  return (name, files, env = {}) => ({
    name: name.split("/")[0]?.match(/[.:]|^localhost$/) ? name : `docker.io/${name}`,
    layers: [base, layerOf(files)],
    entrypoint: [nodePath, "/app/main.mjs"],
    env: { PATH: "/usr/local/bin", HOME: "/tmp", ...env },
    user: `${user.uid}:${user.uid}`,
  });
}

/** A program of the repository, as what such an image runs. */
export function program(entry: string): Files {
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
