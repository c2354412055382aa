import type { Component } from "../words.ts";

/**
 * Server images by framework: what is run for a `runtime`, and how it is asked whether it is alive. A server finds the
 * artifact in `/mnt/models`, where the storage-initializer has copied it, and listens on `containerPort`.
 */

export const containerPort = 8080;
/** Of servers that tell of themselves elsewhere than where they serve: the one other port that their network lets the API server reach. */
export const serverMetricsPort = 8082;
export const modelDirectory = "/mnt/models";
/** Where a script finds itself that does not lie beside the model. */
export const scriptDirectory = "/mnt/scripts";
/** The user that the storage-initializer and every server run as, unless the runtime says otherwise. */
const kserveUser = 1000;

export interface Runtime {
  name: RuntimeName;
  description: string;
  /** Values of a model version's `framework` that this runtime can serve. */
  frameworks: readonly string[];
  /** What the artifact has to look like, in words. */
  artifact: string;
  needs_gpu: boolean;
  /** `v2`: Open Inference Protocol; `v1`: TensorFlow Serving's; `openai`: completions. */
  protocol: "v2" | "v1" | "openai";
  /** Of a runtime that runs a person's own script: what the file is called by custom, as either component. */
  scripts?: Readonly<Record<Component, string>>;
  server: Server;
}

/** How a container is run and probed; independent of the instance type. */
export interface Server {
  image: string;
  /** null: the image's own entry point. */
  command: readonly string[] | null;
  args: (modelName: string) => string[];
  env: (modelName: string) => Record<string, string>;
  port: number;
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

export const runtimeNames = [
  "onnx",
  "sklearn",
  "xgboost",
  "lightgbm",
  "mlflow",
  "mlserver",
  "triton",
  "tensorflow",
  "huggingface",
  "vllm",
  "node",
] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** Runtimes that run a script of a person's own, as predictor or as transformer. */
export const scriptRuntimeNames = ["node"] as const satisfies RuntimeName[];

const smallArtifact = { request: "1Gi", limit: "10Gi" };
const languageModel = { request: "20Gi", limit: "200Gi" };

/** A server of the Open Inference Protocol V2 with KServe's arguments. */
const openInference = {
  command: null,
  args: (modelName: string) => [`--model_name=${modelName}`, `--model_dir=${modelDirectory}`, `--http_port=${containerPort}`],
  env: (_modelName: string): Record<string, string> => ({}),
  port: containerPort,
  livenessPath: (_modelName: string) => "/v2/health/live",
  readinessPath: (modelName: string) => `/v2/models/${modelName}/ready`,
  uid: kserveUser,
  home: "/tmp",
  ephemeralStorage: smallArtifact,
  metrics: null,
  sharedMemory: null,
} satisfies Omit<Server, "image">;

const metricsPath = "/metrics";
const kserve = { ...openInference, metrics: { path: metricsPath, names: ["request_predict_seconds"] } };

/** Boosted trees get one thread an instance: more fight over the cores that the limit gives. */
const singleThreaded = (modelName: string) => [...openInference.args(modelName), "--nthread=1"];

const mlserver = {
  ...openInference,
  image: "docker.io/seldonio/mlserver:1.7.1",
  args: () => [],
  metrics: {
    path: metricsPath,
    port: serverMetricsPort,
    names: ["model_infer_request_success_total", "model_infer_request_failure_total"],
  },
} satisfies Server;
const mlserverEnv = (modelName: string) => ({
  MLSERVER_HTTP_PORT: String(containerPort),
  MLSERVER_GRPC_PORT: "9000",
  MLSERVER_METRICS_PORT: String(serverMetricsPort),
  MLSERVER_MODEL_NAME: modelName,
});

export const runtimes: Readonly<Record<RuntimeName, Runtime>> = {
  onnx: {
    name: "onnx",
    description: "ONNX Runtime, on CPU",
    frameworks: ["onnx"],
    artifact: "one .onnx file, or a directory with one",
    needs_gpu: false,
    protocol: "v2",
    server: {
      ...openInference,
      image: "slipway/onnx-server:1",
      metrics: { path: metricsPath, names: ["inference_requests_total", "inference_seconds", "inference_waiting"] },
    },
  },
  sklearn: {
    name: "sklearn",
    description: "scikit-learn (KServe)",
    frameworks: ["sklearn", "scikit-learn"],
    artifact: "one .joblib, .pkl or .pickle file",
    needs_gpu: false,
    protocol: "v2",
    server: { ...kserve, image: "kserve/sklearnserver:v0.20.0" },
  },
  xgboost: {
    name: "xgboost",
    description: "XGBoost (KServe)",
    frameworks: ["xgboost"],
    artifact: "one .bst, .json or .ubj file",
    needs_gpu: false,
    protocol: "v2",
    server: { ...kserve, image: "kserve/xgbserver:v0.20.0", args: singleThreaded },
  },
  lightgbm: {
    name: "lightgbm",
    description: "LightGBM (KServe)",
    frameworks: ["lightgbm"],
    artifact: "one .bst file",
    needs_gpu: false,
    protocol: "v2",
    server: { ...kserve, image: "kserve/lgbserver:v0.20.0", args: singleThreaded },
  },
  mlflow: {
    name: "mlflow",
    description: "Any MLflow model, with its own environment (MLServer)",
    frameworks: ["mlflow"],
    artifact: "an MLflow model directory (with MLmodel)",
    needs_gpu: false,
    protocol: "v2",
    server: {
      ...mlserver,
      env: (modelName) => ({
        ...mlserverEnv(modelName),
        MLSERVER_MODEL_IMPLEMENTATION: "mlserver_mlflow.MLflowRuntime",
        MLSERVER_MODEL_URI: modelDirectory,
      }),
    },
  },
  mlserver: {
    name: "mlserver",
    description: "MLServer with the settings that lie beside the model",
    frameworks: ["mlserver"],
    artifact: "a directory with model-settings.json whose name is the model's",
    needs_gpu: false,
    protocol: "v2",
    server: { ...mlserver, env: (modelName) => ({ ...mlserverEnv(modelName), MLSERVER_MODELS_DIR: modelDirectory }) },
  },
  triton: {
    name: "triton",
    description: "NVIDIA Triton: TensorRT, PyTorch, TensorFlow, ONNX",
    frameworks: ["triton", "tensorrt", "pytorch"],
    artifact: "a model repository: a directory named as the model, with config.pbtxt and numbered versions",
    needs_gpu: false,
    protocol: "v2",
    server: {
      ...openInference,
      image: "nvcr.io/nvidia/tritonserver:23.05-py3",
      args: () => [
        ...["tritonserver", `--model-store=${modelDirectory}`, `--http-port=${containerPort}`, "--grpc-port=9000"],
        `--metrics-port=${serverMetricsPort}`,
      ],
      metrics: {
        path: metricsPath,
        port: serverMetricsPort,
        names: [
          ...["nv_inference_request_success", "nv_inference_request_failure", "nv_inference_request_duration_us"],
          ...["nv_inference_queue_duration_us", "nv_inference_compute_infer_duration_us"],
        ],
      },
      sharedMemory: "1Gi",
    },
  },
  tensorflow: {
    name: "tensorflow",
    description: "TensorFlow Serving",
    frameworks: ["tensorflow"],
    artifact: "a directory with numbered SavedModel versions",
    needs_gpu: false,
    protocol: "v1",
    server: {
      ...openInference,
      image: "tensorflow/serving:2.18.0",
      command: ["/usr/bin/tensorflow_model_server"],
      args: (modelName) => [
        `--model_name=${modelName}`,
        `--model_base_path=${modelDirectory}`,
        `--rest_api_port=${containerPort}`,
        "--port=9000",
      ],
      livenessPath: (modelName) => `/v1/models/${modelName}`,
      readinessPath: (modelName) => `/v1/models/${modelName}`,
    },
  },
  huggingface: {
    name: "huggingface",
    description: "Hugging Face transformers (KServe)",
    frameworks: ["huggingface", "transformers"],
    artifact: "a Hugging Face model directory, or hf://organisation/model",
    needs_gpu: false,
    protocol: "v2",
    server: {
      ...kserve,
      image: "kserve/huggingfaceserver:v0.20.0",
      env: () => ({ HF_HOME: "/tmp/huggingface" }),
      ephemeralStorage: languageModel,
      sharedMemory: "1Gi",
    },
  },
  vllm: {
    name: "vllm",
    description: "vLLM: large language models behind the OpenAI API",
    frameworks: ["vllm"],
    artifact: "a Hugging Face model directory, or hf://organisation/model",
    needs_gpu: true,
    protocol: "openai",
    server: {
      ...openInference,
      image: "vllm/vllm-openai:v0.11.0",
      command: ["python3", "-m", "vllm.entrypoints.openai.api_server"],
      args: (modelName) => [`--model=${modelDirectory}`, `--served-model-name=${modelName}`, `--port=${containerPort}`],
      // The uid has no entry in the image's passwd: what asks for a user's name finds it here.
      env: () => ({ USER: "vllm", HF_HOME: "/tmp/huggingface", VLLM_CACHE_ROOT: "/tmp/vllm", VLLM_CONFIG_ROOT: "/tmp/vllm" }),
      livenessPath: () => "/health",
      readinessPath: () => "/v1/models",
      metrics: {
        path: metricsPath,
        names: [
          "vllm:num_requests_running",
          "vllm:num_requests_waiting",
          "vllm:generation_tokens_total",
          "vllm:time_to_first_token_seconds",
        ],
      },
      ephemeralStorage: languageModel,
      sharedMemory: "8Gi",
    },
  },
  node: {
    name: "node",
    description: "A script of your own, on Node.js",
    frameworks: ["node", "javascript"],
    artifact: "a script (predictor.mjs) with whatever it loads beside it",
    needs_gpu: false,
    protocol: "v2",
    scripts: { predictor: "predictor.mjs", transformer: "transformer.mjs" },
    server: { ...openInference, image: "slipway/node-script:1", readinessPath: () => "/v2/health/ready" },
  },
};

/** undefined when the catalogue has no such runtime. */
export function findRuntime(name: string): Runtime | undefined {
  return Object.hasOwn(runtimes, name) ? runtimes[name as RuntimeName] : undefined;
}

/** The runtime that a model version names, else the one that serves its framework; undefined when nothing of it tells. */
export function runtimeOf({ runtime, framework }: { runtime: string | null; framework: string | null }): string | undefined {
  if (runtime !== null) return runtime;
  const word = framework?.toLowerCase();
  return Object.values(runtimes).find(({ frameworks }) => word !== undefined && frameworks.includes(word))?.name;
}

/** Whether a script runtime can run a file of this name. */
export const isScriptFile = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);

/** Whether a runtime runs scripts. */
export const runsScripts = (runtime: string | null): boolean => findRuntime(runtime ?? "")?.scripts !== undefined;

/** What a predictor speaks; an image of one's own (null) the Open Inference Protocol. */
export function protocolOf(runtime: string | null): Runtime["protocol"] {
  return findRuntime(runtime ?? "")?.protocol ?? "v2";
}

/** A person's own image: it carries its model, and has to speak the Open Inference Protocol on `containerPort`. */
export function selfContainedServer(image: string): Server {
  return { ...openInference, image, args: () => [], readinessPath: () => "/v2/health/ready" };
}

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
