import type { Component } from "../words.ts";
import {
  containerPort,
  kserve,
  languageModel,
  metricsPath,
  mlserver,
  mlserverEnv,
  modelDirectory,
  openInference,
  type Server,
  serverGrpcPort,
  serverMetricsPort,
  singleThreaded,
} from "./servers.ts";

/** Servers by framework: what is run for a `runtime`, and how it is asked whether it is alive. */

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
    artifact: "a directory with model-settings.json, without a name in it or with the model's",
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
        ...["tritonserver", `--model-store=${modelDirectory}`, `--http-port=${containerPort}`],
        ...[`--grpc-port=${serverGrpcPort}`, `--metrics-port=${serverMetricsPort}`],
      ],
      grpcPort: serverGrpcPort,
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
        `--port=${serverGrpcPort}`,
      ],
      grpcPort: serverGrpcPort,
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
