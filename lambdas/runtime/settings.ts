/**
 * Names of the environment variables, and which function reads which. `lib/` binds a variable together with the
 * permission it needs; a test compares the synthesized environment with this table. Parsed at cold start.
 */
export const settingNames = {
  TABLE_NAME: "name of the record table",
  SECRETS_TABLE_NAME: "name of the secrets table",
  METRICS_TABLE_NAME: "name of the table of metrics",
  EVIDENCE_BUCKET_NAME: "name of the evidence bucket",
  LOG_EXPORTS_BUCKET_NAME: "name of the bucket of log exports",
  WRITE_LOG_EXPORT_FUNCTION_NAME: "name of the function that writes them",
  EVENT_BUS_NAME: "name of the slipway event bus",
  ROLLOUT_STATE_MACHINE_ARN: "ARN of the rollout state machine",
  ROLLBACK_STATE_MACHINE_ARN: "ARN of the rollback state machine",
  SHUTDOWN_STATE_MACHINE_ARN: "ARN of the shutdown state machine",
  VERIFICATION_STATE_MACHINE_ARN: "ARN of the verification state machine",
  PROMOTION_STATE_MACHINE_ARN: "ARN of the promotion state machine",
  /** JSON: see `EnvironmentSetting`. */
  ENVIRONMENTS: "environment name → where it runs",
  ENDPOINT_BASE_URL: "URL before /endpoints/{id}",
  ENDPOINTS_LOG_GROUP_NAME: "log group of the endpoints' access log",
  ENDPOINTS_LOG_RETENTION_DAYS: "how long it is kept",
  PREFLIGHT_FUNCTION_NAME: "name of the function that asks a cluster what would come of a request",
  MASK_SECRETS_FUNCTION_NAME: "name of the function that masks secrets in what programs have written",
  WATCH_FUNCTION_NAME: "name of the function that watches a cluster",
  FRESHNESS: "how clusters are watched: on_demand, always or minute",
  /** JSON: see `ReportSources`. */
  REPORTS: "which systems report versions, and what their names mean here",
  GROUPS_CLAIM: "JWT claim that lists the caller's groups and roles",
} as const;
export type SettingName = keyof typeof settingNames;

export const functionSettings = {
  DescribeApi: [],
  ReadRecord: ["TABLE_NAME", "ENDPOINT_BASE_URL", "GROUPS_CLAIM"],
  ChangeRecord: [
    "TABLE_NAME",
    "SECRETS_TABLE_NAME",
    "ROLLOUT_STATE_MACHINE_ARN",
    "ROLLBACK_STATE_MACHINE_ARN",
    "SHUTDOWN_STATE_MACHINE_ARN",
    "VERIFICATION_STATE_MACHINE_ARN",
    "PREFLIGHT_FUNCTION_NAME",
    "ENVIRONMENTS",
    "ENDPOINT_BASE_URL",
    "GROUPS_CLAIM",
  ],
  Preflight: [],
  MaskSecrets: ["SECRETS_TABLE_NAME"],
  ChangePromotions: [
    "TABLE_NAME",
    "ROLLOUT_STATE_MACHINE_ARN",
    "ROLLBACK_STATE_MACHINE_ARN",
    "SHUTDOWN_STATE_MACHINE_ARN",
    "VERIFICATION_STATE_MACHINE_ARN",
    "PROMOTION_STATE_MACHINE_ARN",
    "GROUPS_CLAIM",
  ],
  ReadLogs: ["TABLE_NAME", "GROUPS_CLAIM", "LOG_EXPORTS_BUCKET_NAME", "WRITE_LOG_EXPORT_FUNCTION_NAME", "MASK_SECRETS_FUNCTION_NAME"],
  StopSearches: ["TABLE_NAME"],
  WriteLogExport: ["LOG_EXPORTS_BUCKET_NAME", "MASK_SECRETS_FUNCTION_NAME"],
  ReadMetrics: ["TABLE_NAME", "METRICS_TABLE_NAME", "ENDPOINTS_LOG_GROUP_NAME", "ENDPOINTS_LOG_RETENTION_DAYS", "GROUPS_CLAIM"],
  CollectMetrics: ["METRICS_TABLE_NAME", "ENVIRONMENTS"],
  RaiseAlerts: ["TABLE_NAME", "METRICS_TABLE_NAME", "ENVIRONMENTS"],
  ReceiveReport: ["TABLE_NAME", "PROMOTION_STATE_MACHINE_ARN", "REPORTS", "GROUPS_CLAIM"],
  ReceiveWebhook: ["TABLE_NAME", "PROMOTION_STATE_MACHINE_ARN", "REPORTS"],
  ReceiveEvent: ["TABLE_NAME", "PROMOTION_STATE_MACHINE_ARN", "REPORTS"],
  AuthorizeClient: ["TABLE_NAME"],
  InspectCluster: ["TABLE_NAME", "ENDPOINT_BASE_URL", "WATCH_FUNCTION_NAME", "MASK_SECRETS_FUNCTION_NAME", "FRESHNESS", "GROUPS_CLAIM"],
  Prepare: ["TABLE_NAME"],
  ProvisionSlot: ["TABLE_NAME", "SECRETS_TABLE_NAME"],
  AwaitReady: ["TABLE_NAME", "EVIDENCE_BUCKET_NAME", "MASK_SECRETS_FUNCTION_NAME"],
  ProbeServer: ["TABLE_NAME", "EVIDENCE_BUCKET_NAME", "MASK_SECRETS_FUNCTION_NAME"],
  SendSmokeTests: ["TABLE_NAME", "EVIDENCE_BUCKET_NAME", "MASK_SECRETS_FUNCTION_NAME"],
  EnsureCapacity: ["TABLE_NAME"],
  ShiftTraffic: ["TABLE_NAME"],
  Bake: ["TABLE_NAME", "MASK_SECRETS_FUNCTION_NAME"],
  Complete: ["TABLE_NAME"],
  TakeRouteAway: ["TABLE_NAME"],
  RetireSlot: ["TABLE_NAME"],
  RecordFailure: ["TABLE_NAME"],
  CompleteShutdown: ["TABLE_NAME", "SECRETS_TABLE_NAME"],
  ResolveVersion: ["TABLE_NAME"],
  DeployVersion: [
    "TABLE_NAME",
    "SECRETS_TABLE_NAME",
    "ROLLOUT_STATE_MACHINE_ARN",
    "ROLLBACK_STATE_MACHINE_ARN",
    "SHUTDOWN_STATE_MACHINE_ARN",
    "VERIFICATION_STATE_MACHINE_ARN",
    "ENVIRONMENTS",
    "ENDPOINT_BASE_URL",
  ],
  RecordVerification: ["TABLE_NAME"],
  OpenGate: ["TABLE_NAME"],
  AwaitApproval: ["TABLE_NAME"],
  CompletePromotion: [
    "TABLE_NAME",
    "ROLLOUT_STATE_MACHINE_ARN",
    "ROLLBACK_STATE_MACHINE_ARN",
    "SHUTDOWN_STATE_MACHINE_ARN",
    "VERIFICATION_STATE_MACHINE_ARN",
  ],
  RecordPromotionFailure: [
    "TABLE_NAME",
    "ROLLOUT_STATE_MACHINE_ARN",
    "ROLLBACK_STATE_MACHINE_ARN",
    "SHUTDOWN_STATE_MACHINE_ARN",
    "VERIFICATION_STATE_MACHINE_ARN",
  ],
  Sync: [
    "TABLE_NAME",
    "EVIDENCE_BUCKET_NAME",
    "ROLLOUT_STATE_MACHINE_ARN",
    "ROLLBACK_STATE_MACHINE_ARN",
    "SHUTDOWN_STATE_MACHINE_ARN",
    "VERIFICATION_STATE_MACHINE_ARN",
    "WATCH_FUNCTION_NAME",
    "MASK_SECRETS_FUNCTION_NAME",
    "FRESHNESS",
    "PROMOTION_STATE_MACHINE_ARN",
    "ENVIRONMENTS",
  ],
  Watch: ["TABLE_NAME", "EVIDENCE_BUCKET_NAME", "FRESHNESS", "MASK_SECRETS_FUNCTION_NAME"],
  PublishEvents: ["EVENT_BUS_NAME"],
} as const satisfies Record<string, readonly SettingName[]>;
export type FunctionName = keyof typeof functionSettings;

/** Attributes of a deployment that its entry in the index by group has, beside the keys. */
export const listedAttributes = [
  "uid",
  "id",
  "name",
  "environment",
  "status",
  "revisions",
  "model",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
] as const;

/** One value of the ENVIRONMENTS setting, as configuration gives it. */
export interface EnvironmentSetting {
  cluster: string;
  namespace_prefix: string;
  gateway: import("../../domain/place.ts").GatewayPlace;
  api_server_cidrs: string[];
}
