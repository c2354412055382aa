import type { Cause } from "./condition.ts";
import type { PromotionEvent } from "./promotion.ts";
import type { ObservedSignature, Signature } from "./signature.ts";

/** A registry entry of a group; its versions are immutable once registered. */
export interface Model {
  group: string;
  name: string;
  description: string;
  latest_version: number;
  created_at: string;
  created_by: string;
}

export interface ModelVersion {
  group: string;
  name: string;
  version: number;
  artifact_uri: string;
  runtime: string | null;
  framework: string | null;
  training_job: string | null;
  metrics: Record<string, number>;
  metadata: Record<string, string>;
  /** As it was registered. */
  signature: Signature | null;
  /** As its server told it when staging verified the version the last time. */
  observed_signature: ObservedSignature | null;
  checksum: string | null;
  registered_by: string;
  registered_at: string;
  verified_in: string[];
  approved_by: string[];
  /** Ids of deployments that serve it; looked up when a version is read, among the first 500 of the group. */
  running_in: string[];
  /** The group has more deployments than were looked at: there may be others. */
  running_in_more?: true;
  /** Ids, oldest first. */
  promotions: string[];
  /** Who reported it, under which name, and the sequence that the source itself gave; null when registered by hand. */
  source: VersionSource | null;
  /** Why it is not verified: how it failed in staging the last time. */
  failure: (Cause & { environment: string; promotion_id: string; at: string }) | null;
  /** Its source does not stand by it any more: nothing sends it on its way but a person. */
  withdrawn: Withdrawal | null;
}

export interface Withdrawal {
  by: string;
  at: string;
  reason: string;
}

export interface VersionSource {
  name: string;
  id: string;
  /** Grows with each version of that source: a number of its registry, or when its job ended. */
  sequence: number;
}

/** What others hear of a new version; its number is the sequence of a model's events. */
export function registration(version: ModelVersion): PromotionEvent {
  const { group, name, version: number, artifact_uri, runtime, framework, training_job, metrics, signature, checksum, source } = version;
  return {
    sequence: number,
    at: version.registered_at,
    actor: version.registered_by,
    type: "Model Version Registered",
    detail: {
      model: { group, name },
      version: number,
      artifact_uri,
      runtime,
      framework,
      training_job,
      metrics,
      signature,
      checksum,
      source,
    },
  };
}
