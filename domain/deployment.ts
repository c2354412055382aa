import type { Component, ConditionStatus, ConditionType, OperationKind, Outcome, SlotName, SlotRole } from "./words.ts";

/** Where an environment runs; frozen into the deployment when it is created. */
export interface ClusterPlace {
  /** EKS cluster name. */
  cluster: string;
  /** Namespace of the group's deployments in this environment. */
  namespace: string;
  gateway: GatewayPlace;
  /** Where requests through the API server's service proxy come from; the namespace admits them to the model servers. */
  api_server_cidrs?: string[];
}

/** A Gateway (Gateway API) and the Service in front of its data plane. */
export interface GatewayPlace {
  name: string;
  namespace: string;
  /** Service of the data plane, reached through the API server's service proxy by probes. */
  service: string;
  port: number;
  /** How long after acceptance the data plane may still serve the old route. */
  settle_seconds: number;
  /**
   * How long a Service has to be in the route before traffic moves to it, where the gateway registers targets and checks
   * their health, as load balancers do; 0 or missing where it follows endpoints.
   */
  register_seconds?: number;
  /** Where the data plane tells what it has counted; null or missing where it does not. */
  metrics?: GatewayMetricsPlace | null;
}

/** Prometheus text of each pod behind a Service. */
export interface GatewayMetricsPlace {
  /** Whose names metrics and labels have. */
  dialect: GatewayDialect;
  namespace: string;
  service: string;
  /** Of the pods, not of the Service. */
  port: number;
  path: string;
}

export const gatewayDialects = ["traefik", "envoy"] as const;
export type GatewayDialect = (typeof gatewayDialects)[number];

/** What people and operations decided: the record's HEAD item. Times are RFC 3339 UTC with milliseconds. */
export interface Head {
  uid: string;
  id: string;
  group: string;
  name: string;
  environment: string;
  /** For If-Match: grows when a person's request or the end of an operation changes the deployment. */
  version: number;
  /** Grows with each operation; a write carrying an older one is refused. */
  epoch: number;
  /** Sequence of the newest EVENT. */
  event_sequence: number;
  place: ClusterPlace;
  /**
   * `latest` is the highest number ever given; `wanted` what should run; `running` what has the traffic; `served` what
   * has had all of it, newest first, without what was rolled back since.
   */
  revisions: { latest: number; wanted: number; running: number | null; served: number[] };
  slots: Record<SlotName, SlotRecord | null>;
  active_operation: ActiveOperation | null;
  last_operation: LastOperation | null;
  /** Set by a rollback: nothing is promoted here by itself until a person lifts it. */
  hold?: Hold | null;
  /** Objectives that what serves does not keep. */
  alerts?: import("./alerts.ts").Alert[];
  /** Set once the first start was asked for: tells CREATED from STOPPED. */
  started_once: boolean;
  access: "public" | "private";
  /** Registry entry of the wanted revision; null when it runs a URI or an image of its own. */
  model: { name: string; version: number } | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
  deleted_at: string | null;
}

export interface Hold {
  reason: string;
  at: string;
  by: string;
}

/** A revision's objects in one slot. They carry its revision and epoch in their names and are never changed. */
export interface SlotRecord {
  revision: number;
  epoch: number;
  role: SlotRole;
  /** Percent of the traffic. */
  weight: number;
  /** Instances wanted at provision time, per component; transformer null when the revision has none. */
  desired: { predictor: number; transformer: number | null };
  /** Of a warm slot, once its operation has ended: until when it is kept. */
  warm_until?: string | null;
}

export interface ActiveOperation {
  id: string;
  kind: OperationKind;
  revision: number;
  /** The slot that the operation fills; null for STOP and DELETE. */
  slot: SlotName | null;
  actor: string;
  started_at: string;
  deadline: string;
  /** Name of the step that runs now; equals the ASL state's function name. */
  step: string | null;
  steps: OperationStep[];
  /** When the state machine came to the step that began last; absent before the first. */
  visit?: string;
  /** Somebody's word that the rollout may go on, given while the step ran that began at `step_started_at`. */
  promotion?: Promotion | null;
  /** The slot that it fills held something else, which is to go first. */
  evicts?: boolean;
  /** The deployment answers nothing while it is carried out. */
  interrupts_serving?: boolean;
}

/** "Go on": it counts for one step. */
export interface Promotion {
  step_started_at: string;
  by: string;
  at: string;
}

export interface OperationStep {
  name: string;
  started_at: string;
  ended_at: string | null;
  outcome: "SUCCEEDED" | "FAILED" | null;
  detail: string | null;
}

export interface Cause {
  /** A Kubernetes reason where there is one, else a word of domain/errors.ts. CamelCase. */
  reason: string;
  message: string;
}

export interface LastOperation {
  id: string;
  kind: OperationKind;
  outcome: Outcome;
  revision: number;
  cause: Cause | null;
  /** The condition in which a failed operation ended; status and condition speak of it while nothing runs. */
  condition: Condition | null;
}

/** An operation as it is read: while it runs all of it but what it kept is on HEAD, and afterwards in its OPERATION item. */
export interface Operation {
  id: string;
  deployment_id: string;
  uid: string;
  group: string;
  kind: OperationKind;
  revision: number;
  epoch: number;
  slot: SlotName | null;
  outcome: Outcome | null;
  cause: Cause | null;
  steps: OperationStep[];
  weights: Partial<Record<SlotName, number>>;
  actor: string;
  started_at: string;
  ended_at: string | null;
  deadline: string;
  /** What the operation kept; large bodies lie in the evidence bucket under `evidence.key`. */
  evidence: Evidence | null;
  /** True when an update is carried out by stop-and-start: the deployment answers nothing meanwhile. */
  interrupts_serving: boolean;
}

export interface Evidence {
  /** S3 key of the whole, in the evidence bucket; null when everything is here. */
  key: string | null;
  smoke_tests: SmokeTestResult[];
  conditions: Condition[];
  events: KeptEvent[];
  logs: KeptLog[];
  /** Container image digests, by component, as the ready pods report them. */
  digests: Partial<Record<Component, string>>;
  /** What bakes measured: the newest of each, in order, and the one that failed last. */
  judgements: Judgement[];
}

/** What was measured of a slot while it had a part of the traffic. */
export interface Judgement {
  at: string;
  /** Percent of the traffic that it had. */
  weight: number;
  passed: boolean;
  /** Since the traffic was moved there; null where the gateway tells no figures. */
  requests: number | null;
  error_rate_percent: number | null;
  latency_p95_ms: number | null;
  restarts: number;
  ready: number;
  desired: number;
  /** Names of the alarms that are in ALARM. */
  alarms: string[];
  /** The fault's word; null when it passed. */
  reason: string | null;
  /** The fault, or what could not be judged. */
  message: string;
}

export interface SmokeTestResult {
  name: string;
  passed: boolean;
  /** What was asked and answered, bodies cut to 2,048 characters. */
  request: { method: string; path: string; body: string | null };
  response: { status: number | null; body: string | null; latency_ms: number };
  failure: string | null;
  /** Of a passed one that says little, why. */
  note?: string;
}
export interface KeptEvent {
  at: string;
  object: string;
  type: string;
  reason: string;
  message: string;
  count: number;
}
export interface KeptLog {
  instance: string;
  component: Component;
  container_name: string;
  previous: boolean;
  lines: string[];
}

/** One condition is current; transitions are kept, newest first. */
export interface Condition {
  type: ConditionType;
  status: ConditionStatus;
  reason: string;
  message: string;
  at: string;
}

export interface ResolvedWorkload {
  image: string;
  /** Where the storage-initializer copies from; null for a self-contained image. */
  artifact_uri: string | null;
  /** Name under which the model server answers (`/v2/models/{name}/infer`). */
  model_name: string;
}

/** REVISION item. */
export interface Revision {
  revision: number;
  specification: import("./specification.ts").Specification;
  /** What catalogue and registry said when the revision was stored, so that neither can change it later. */
  resolved: { predictor: ResolvedWorkload; transformer: ResolvedWorkload | null };
  /**
   * Digests of the images that it ran when it was ready for the first time: whenever it is brought up again, it is these.
   * Absent until then, and for images that cannot be pulled by digest.
   */
  digests?: Partial<Record<Component, string>>;
  created_at: string;
  created_by: string;
  update_message: string;
}

/** EVENT item: who or what did what, when, with what outcome. `sequence` is gapless per deployment. */
export interface DeploymentEvent {
  sequence: number;
  at: string;
  actor: string;
  type: EventType;
  message: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  operation_id: string | null;
}
export type EventType =
  | "Deployment Created"
  | "Revision Stored"
  | "Operation Started"
  | "Operation Ended"
  | "Traffic Moved"
  | "Deployment State Changed"
  | "Hold Lifted"
  | "Operation Promoted"
  | "Deployment Deleted"
  | "Instance Failed"
  | "Drift Found"
  | "Drift Gone"
  | "Objective Missed"
  | "Objective Met"
  | "Alert Raised"
  | "Alert Resolved";

/** What a list shows of a deployment. */
export interface Card {
  uid: string;
  id: string;
  group: string;
  name: string;
  environment: string;
  status: import("./words.ts").Status;
  revisions: { wanted: number; running: number | null };
  model: { name: string; version: number } | null;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}

/** What was seen in the cluster: the OBSERVED item. One writer at a time: AwaitReady in its step, else sync. */
export interface Observed {
  /** Epoch of the operation whose objects were looked at: an older writer is refused. */
  epoch: number;
  observed_at: string;
  /** Grows by one with each write: who saves says upon which one it was decided. */
  version: number;
  /** The slot that the current condition speaks of. */
  condition: Condition | null;
  /** When the current walk was done with each stage that it has behind it. */
  passed: Partial<Record<ConditionType, string>>;
  /** The newest transitions, newest first. Those before them, `earlier` of them, lie in items of their own. */
  transitions: Condition[];
  earlier: number;
  slots: Record<SlotName, ObservedSlot | null>;
}

export interface ObservedSlot {
  revision: number;
  epoch: number;
  components: Record<Component, ObservedComponent | null>;
  /** The condition that this slot's objects alone give. */
  condition: Condition;
  /** Since when a component that should have instances has none that is ready; null while it has. */
  unready_since?: string | null;
  /** Its instances may be ready: no request gets to them. Absent where nobody has looked at that. */
  unreachable?: boolean;
  /** It has the traffic and answers worse than it should; null when it does not. Absent where nobody has judged that. */
  missed?: MissedObjective | null;
  /** What somebody has changed of its objects. Absent where nothing is known to differ. */
  drift?: Drift[];
}

/** Error rate or latency over the limits of the revision's `auto_rollback`. */
export interface MissedObjective {
  reason: "ErrorRateTooHigh" | "LatencyTooHigh";
  /** What was measured, the limit, and what to do. */
  message: string;
  /** When it was judged last, but for what has been said within a minute. */
  at: string;
}

/** A field of an object in the cluster that is not what it was made as. */
export interface Drift {
  /** Kind/name. */
  object: string;
  /** Path in the object; empty: the object as a whole. */
  field: string;
  expected: string;
  found: string;
}

export interface ObservedComponent {
  desired: number;
  ready: number;
  instances: Instance[];
}

/** Quantities as Kubernetes prints them, by the name of the resource. */
export interface Amounts {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

export interface Instance {
  name: string;
  component: Component;
  slot: SlotName;
  revision: number;
  phase: string;
  ready: boolean;
  restarts: number;
  node: string | null;
  started_at: string | null;
  /** Of the component's own container; null when that is not known. */
  resources: Amounts | null;
  last_termination: { reason: string; exit_code: number; signal: number | null; message: string | null; at: string | null } | null;
}
