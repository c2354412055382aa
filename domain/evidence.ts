import type { Condition } from "./condition.ts";
import type { Signature } from "./signature.ts";
import type { Component } from "./words.ts";

export interface Evidence {
  /** S3 key of the whole, in the evidence bucket; null when everything is here. */
  key: string | null;
  smoke_tests: SmokeTestResult[];
  /** What the model's metadata said, where the answer is too long to be kept here as it came. */
  signature?: Signature;
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
