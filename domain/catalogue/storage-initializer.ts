import { kserveUser } from "./servers.ts";

/** Copies the artifact to `modelDirectory` before the server starts. Its arguments are pairs of source and destination. */
export const storageInitializer = {
  image: "kserve/storage-initializer:v0.20.0",
  args: (copies: readonly { source: string; directory: string }[]) => copies.flatMap(({ source, directory }) => [source, directory]),
  uid: kserveUser,
  home: "/tmp",
  requests: { cpu: "100m", memory: "100Mi" },
  limits: { cpu: "1", memory: "1Gi" },
  ephemeralStorage: { request: "1Gi", limit: "10Gi" },
} as const;
