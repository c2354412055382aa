import { createHash } from "node:crypto";
import { type Entry, tar } from "./tar.ts";

/** An image: its layers from the lowest to the highest, and how its process is run. */
export interface Image {
  /** Whole name with registry and tag, as containerd stores it. */
  name: string;
  layers: readonly Buffer[];
  entrypoint: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** `uid:gid`; root when not given. */
  user?: string;
}

/** `sha256:…` */
export const digestOf = (content: Buffer): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

const media = "application/vnd.oci.image";

/** An OCI image layout as one tar archive; layers that images share are in it once. */
export function archiveOf(images: readonly Image[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const store = (content: Buffer, mediaType: string) => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const manifests = images.map((image) => ({
    ...store(manifestOf(image, store), `${media}.manifest.v1+json`),
    annotations: { "io.containerd.image.name": image.name, "org.opencontainers.image.ref.name": image.name.replace(/^.*:/, "") },
  }));
  const folder = (path: string): Entry => ({ path, mode: 0o755 });
  const file = (path: string, content: Buffer): Entry => ({ path, mode: 0o644, content });
  return tar([
    file("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
    folder("blobs"),
    folder("blobs/sha256"),
    ...[...blobs].map(([digest, content]) => file(`blobs/${digest.replace(":", "/")}`, content)),
    file("index.json", json({ schemaVersion: 2, manifests })),
  ]);
}

type Store = (content: Buffer, mediaType: string) => { mediaType: string; digest: string; size: number };

function manifestOf({ layers, entrypoint, env = {}, user }: Image, store: Store): Buffer {
  const stored = layers.map((layer) => store(layer, `${media}.layer.v1.tar`));
  const config = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: {
      Entrypoint: entrypoint,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: "/",
      ...(user && { User: user }),
    },
    rootfs: { type: "layers", diff_ids: stored.map(({ digest }) => digest) },
  };
  return json({
    schemaVersion: 2,
    mediaType: `${media}.manifest.v1+json`,
    config: store(json(config), `${media}.config.v1+json`),
    layers: stored,
  });
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
