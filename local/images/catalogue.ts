import { fileURLToPath } from "node:url";

/** A container image as the local cluster knows it: the command that stands for its entrypoint. */
export interface Image {
  command: string[];
  env?: Record<string, string>;
}

/** Images that every local cluster has. `awsEndpoint`: where the storage-initializer finds S3. */
export function builtInImages(awsEndpoint: string): Record<string, Image> {
  return {
    "slipway/onnx-server:1": { command: [process.execPath, script("onnx-server")] },
    "slipway/node-script:1": { command: [process.execPath, script("node-script")] },
    "kserve/storage-initializer:v0.20.0": {
      command: [process.execPath, script("storage-initializer")],
      env: {
        AWS_ENDPOINT_URL: awsEndpoint,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "storage-initializer",
        AWS_SECRET_ACCESS_KEY: "local",
      },
    },
  };
}

function script(image: string): string {
  return fileURLToPath(new URL(`${image}/main.ts`, import.meta.url));
}
