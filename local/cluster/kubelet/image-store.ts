import { createHash } from "node:crypto";

/** A container image as the local cluster knows it: the command that stands for its entrypoint. */
export interface Image {
  command: string[];
  env?: Record<string, string>;
}

export interface FoundImage extends Image {
  /** Whole name with tag, as a container runtime reports it. */
  name: string;
  /** `repository@sha256:…`. */
  id: string;
}

export interface ImageReference {
  /** With the registry's domain: `docker.io/slipway/onnx-server`. */
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

const referencePattern =
  /^(?<name>(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** undefined for what is no image name. Tag `latest` when neither tag nor digest is given. */
export function parseReference(image: string): ImageReference | undefined {
  const groups = referencePattern.exec(image)?.groups;
  if (!groups?.name) return undefined;
  const [first = "", ...rest] = groups.name.split("/");
  const hasDomain = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasDomain ? groups.name : rest.length > 0 ? `docker.io/${groups.name}` : `docker.io/library/${groups.name}`;
  const tag = groups.tag ?? (groups.digest ? undefined : "latest");
  return { repository: path, tag, digest: groups.digest };
}

/** The catalogue: the only registry that this node can pull from. */
export class ImageStore {
  readonly #images: FoundImage[];
  constructor(catalogue: Record<string, Image>) {
    this.#images = Object.entries(catalogue).map(([name, image]) => {
      const reference = parseReference(name);
      if (!reference) throw new Error(`the image catalogue has ${JSON.stringify(name)}, which is no image name`);
      const whole = `${reference.repository}:${reference.tag ?? "latest"}`;
      // There are no layers to take a digest of: an image of this catalogue is what its name says.
      const digest = createHash("sha256").update(whole).digest("hex");
      return { ...image, name: whole, id: `${reference.repository}@sha256:${digest}` };
    });
  }

  find(reference: ImageReference): FoundImage | undefined {
    const { repository, tag, digest } = reference;
    return this.#images.find((image) => (digest ? image.id === `${repository}@${digest}` : image.name === `${repository}:${tag}`));
  }
}
