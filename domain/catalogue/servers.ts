/**
 * How the containers that serve models are run and probed. A server finds the artifact in `/mnt/models`, where the
 * storage-initializer has copied it, and listens on `containerPort`.
 */

export const containerPort = 8080;
/** Of servers that tell of themselves elsewhere than where they serve: the one other port that their network lets the API server reach. */
export const serverMetricsPort = 8082;
/** Where servers that speak gRPC too listen for it. Nobody reaches it: endpoints are HTTP. */
export const serverGrpcPort = 9000;
export const modelDirectory = "/mnt/models";
/** Where a script finds itself that does not lie beside the model. */
export const scriptDirectory = "/mnt/scripts";
/** The user that the storage-initializer and every server run as, unless the runtime says otherwise. */
export const kserveUser = 1000;

/** How a container is run and probed; independent of the instance type. */
export interface Server {
  image: string;
  /** null: the image's own entry point. */
  command: readonly string[] | null;
  args: (modelName: string) => string[];
  env: (modelName: string) => Record<string, string>;
  port: number;
  /** Where it listens for gRPC as well; null: it speaks none. */
  grpcPort: number | null;
  livenessPath: (modelName: string) => string;
  readinessPath: (modelName: string) => string;
  uid: number;
  /** A writable directory: file systems of images are not to be relied on. */
  home: string;
  /** Room for the artifact, caches and logs of one instance; Kubernetes quantities. */
  ephemeralStorage: { request: string; limit: string };
  /** What it tells of itself and is worth keeping, in Prometheus' text format, on `port` unless another one is named; null: nothing. */
  metrics: { path: string; names: readonly string[]; port?: number } | null;
  /** Size of `/dev/shm`; null: the node's default of 64 MiB will do. */
  sharedMemory: string | null;
}

const smallArtifact = { request: "1Gi", limit: "10Gi" };
export const languageModel = { request: "20Gi", limit: "200Gi" };

/** A server of the Open Inference Protocol V2 with KServe's arguments. */
export const openInference = {
  command: null,
  args: (modelName: string) => [`--model_name=${modelName}`, `--model_dir=${modelDirectory}`, `--http_port=${containerPort}`],
  env: (_modelName: string): Record<string, string> => ({}),
  port: containerPort,
  grpcPort: null,
  livenessPath: (_modelName: string) => "/v2/health/live",
  readinessPath: (modelName: string) => `/v2/models/${modelName}/ready`,
  uid: kserveUser,
  home: "/tmp",
  ephemeralStorage: smallArtifact,
  metrics: null,
  sharedMemory: null,
} satisfies Omit<Server, "image">;

export const metricsPath = "/metrics";
export const kserve = {
  ...openInference,
  args: (modelName: string) => [...openInference.args(modelName), `--grpc_port=${serverGrpcPort}`],
  grpcPort: serverGrpcPort,
  metrics: { path: metricsPath, names: ["request_predict_seconds"] },
} satisfies Omit<Server, "image">;

/** Boosted trees get one thread an instance: more fight over the cores that the limit gives. */
export const singleThreaded = (modelName: string) => [...kserve.args(modelName), "--nthread=1"];

export const mlserver = {
  ...openInference,
  image: "docker.io/seldonio/mlserver:1.7.1",
  args: () => [],
  grpcPort: serverGrpcPort,
  metrics: {
    path: metricsPath,
    port: serverMetricsPort,
    names: ["model_infer_request_success_total", "model_infer_request_failure_total"],
  },
} satisfies Server;
export const mlserverEnv = (modelName: string) => ({
  MLSERVER_HTTP_PORT: String(containerPort),
  MLSERVER_GRPC_PORT: String(serverGrpcPort),
  MLSERVER_METRICS_PORT: String(serverMetricsPort),
  MLSERVER_MODEL_NAME: modelName,
});

/** Where an image of a person's own is asked how it is, unless it says otherwise. */
export const ownHealth = { live: "/v2/health/live", ready: "/v2/health/ready" } as const;

/** A person's own image: it carries its model, and answers on `containerPort`. */
export function selfContainedServer(image: string, { live, ready }: { live: string; ready: string } = ownHealth): Server {
  return { ...openInference, image, args: () => [], livenessPath: () => live, readinessPath: () => ready };
}
