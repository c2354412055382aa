import { image as benchImage } from "../../../bench/switch/deployment.ts";
import { storageInitializer } from "../../../domain/catalogue/storage-initializer.ts";
import type { Image } from "../../../local/images/oci/archive.ts";
import { layerOf } from "../../../local/images/oci/layer.ts";
import { imagesOnNode, modelServers, program } from "../../../local/images/oci/model-servers.ts";

/** Where the real node's pods find S3: whoever wants to serve artifacts there listens on it. */
export const artifactStore = "http://10.97.0.1:9000/aws";

/** Archives of the real node. Each is made around one program that was built, given as its file. */
export const archives = { node: nodeImages, gateway: gatewayImages } as const;

/** What the product's manifests name, the test server, and the one that holds a pod's namespaces. */
function nodeImages(pause: string): Image[] {
  const onNode = imagesOnNode();
  return [
    { name: "slipway.dev/pause:1", layers: [layerOf({ "/pause": { copyOf: pause } })], entrypoint: ["/pause"], user: "65535:65535" },
    ...Object.entries(modelServers).map(([name, files]) => onNode(name, files())),
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
