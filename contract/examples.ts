import type { Answer } from "./answers.ts";
import type { OperationId } from "./routes.ts";

/** Requests and answers that OpenAPI shows. Tests parse each by its schema, so none of them can grow stale. */

export const requestExamples: Partial<Record<OperationId, unknown>> = {
  createDeployment: {
    group: "demo",
    name: "Iris",
    environment: "staging",
    access: "public",
    predictor: {
      runtime: "onnx",
      model: { name: "iris", version: 1 },
      instance_type: "cpu.small",
      scaling_config: { min_replicas: 1, max_replicas: 3, target_cpu_utilization: 60, cooldown_period: 300 },
      env: [
        { name: "LOG_LEVEL", value: "info" },
        { name: "API_KEY", value: "never shown again", secret: true },
      ],
      metrics: { path: "/metrics", names: ["inference_requests_total", "inference_seconds"] },
    },
    transformer: { runtime: "node", script: "transformer.mjs", scaling_config: { min_replicas: 1, max_replicas: 2 } },
    metadata: { team: "risk" },
    smoke_tests: [{ name: "ready", method: "GET", path: "/v2/models/iris/ready", expect: { status: 200, max_latency_ms: 500 } }],
    update_message: "first",
  },
  updateDeployment: {
    predictor: { model: { version: 2 }, env: [{ name: "API_KEY", secret: true }] },
    update_message: "second version of the model; the key stays",
  },
  rollBackDeployment: { revision: 3 },
  addClient: { name: "checkout", expires_at: "2027-01-01T00:00:00Z" },
  rotateClient: { overlap_seconds: 3_600 },
  createModel: { group: "demo", name: "iris", description: "Which iris it is" },
  registerModelVersion: {
    artifact_uri: "s3://artifacts/demo/iris/1",
    runtime: "onnx",
    framework: "onnx",
    metrics: { accuracy: 0.97 },
    signature: {
      inputs: [{ name: "input", datatype: "FP32", shape: [-1, 4] }],
      outputs: [{ name: "label", datatype: "INT64", shape: [-1] }],
    },
    checksum: `sha256:${"0".repeat(64)}`,
  },
  putGroup: { model_locations: ["s3://artifacts/demo"] },
  putPromotionPolicy: {
    automatic: "production",
    staging: { deployment_id: "iris-staging", specification: { access: "public", predictor: { instance_type: "cpu.small" } } },
    production: {
      deployment_id: "iris",
      specification: { access: "public", predictor: { scaling_config: { min_replicas: 2, max_replicas: 4 } } },
    },
    smoke_tests: [{ name: "ready", method: "GET", path: "/v2/models/iris/ready", expect: { status: 200 } }],
    gate: "approval",
    soak_seconds: 600,
    approval: { least_role: "admin", expires_seconds: 86_400, four_eyes: true },
    freeze_windows: [
      { days: ["FRI"], from_time: "16:00", to_time: "24:00", reason: "nobody is there to look" },
      { from: "2026-12-24T00:00:00Z", to: "2026-12-27T00:00:00Z", reason: "holidays" },
    ],
    in_flight: "supersede",
    staging_afterwards: "stop",
  },
  createLogExport: { component: "predictor", since: "7d" },
  promoteVersion: { environment: "staging" },
  approvePromotion: { comment: "looks right" },
  rejectPromotion: { comment: "accuracy fell on last week's data" },
  abortPromotion: { comment: "the wrong version" },
  receiveWebhook: { id: "build-812", model: { group: "demo", name: "iris" }, artifact_uri: "s3://artifacts/demo/iris/812", sequence: 812 },
};

export const stateExample: Answer<"State"> = {
  status: "UPDATING",
  condition: {
    type: "INITIALIZED",
    status: "False",
    reason: "ImagePullBackOff",
    message: "predictor of revision 4 (green): image registry.example/card:9 cannot be pulled: not found",
    at: "2026-11-21T09:12:09.480Z",
  },
  conditions: [
    {
      type: "SCHEDULED",
      status: "True",
      reason: "Scheduled",
      message: "predictor of revision 4 (green) has a node",
      at: "2026-11-21T09:12:03.120Z",
    },
  ],
  health: "healthy",
  drift: [],
  unseen: [],
  revisions: { wanted: 4, running: 3 },
  instances: { predictor: { ready: 2, desired: 2 }, transformer: null },
  slots: {
    blue: { revision: 3, role: "active", weight: 100, ready: 2, desired: 2 },
    green: { revision: 4, role: "preview", weight: 0, ready: 0, desired: 2 },
  },
  operation: { id: "01KAHVWPSP3PTCQ8DBZ8V6Q2EM", kind: "UPDATE", step: "AwaitReady", deadline: "2026-11-21T09:42:00.000Z" },
  last_operation: { id: "01K9VBBSD5KS9MP4EVBC4H9XRA", kind: "UPDATE", outcome: "SUCCEEDED", revision: 3, cause: null },
  endpoint: "https://models.example/endpoints/card-scorer",
  observed_at: "2026-11-21T09:12:10.000Z",
  source: "record",
};
const issuedClientExample: Answer<"IssuedClient"> = {
  name: "checkout",
  created_at: "2026-11-21T09:12:03.120Z",
  created_by: "ada@example.com",
  expires_at: "2027-01-01T00:00:00.000Z",
  last_used_at: null,
  previous_until: null,
  token: "slipway_checkout.(43 letters, digits, hyphens and underscores)",
};
const metricPoint = {
  at: "2026-11-21T09:10:00.000Z",
  observed_seconds: 60,
  requests: 12,
  requests_per_second: 0.2,
  server_errors: 0,
  client_errors: 1,
  success_rate_percent: 100,
  latency_p50_ms: 18,
  latency_p95_ms: 48,
  latency_p99_ms: 61,
};
/** By client. */
const metricsExample: Answer<"Metrics"> = {
  from: "2026-11-21T09:10:00.000Z",
  to: "2026-11-21T09:11:00.000Z",
  step_seconds: 60,
  series: [{ slot: null, revision: null, model: null, client: "billing", points: [metricPoint], total: metricPoint, reported: [] }],
  note: null,
  reported_note: "servers tell values of themselves, not of who asks them: ask without by=client for these",
};

export const answerExamples: Partial<Record<string, unknown>> = {
  State: stateExample,
  Metrics: metricsExample,
  IssuedClient: issuedClientExample,
};
