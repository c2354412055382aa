import type { ModelVersion, VersionSource } from "./model.ts";
import type { PromotionStageName } from "./promotion-policy.ts";
import type { Signature, Tensor } from "./signature.ts";

/** Something that came in from outside and may make a version, and what became of it. Field names are the wire's. */
export interface Trigger {
  id: string;
  /** Who sent it: `model-studio`, `sagemaker`, or the name of a webhook. */
  source: string;
  /** What it says it is: the detail-type of an event, entity and action of a webhook. */
  kind: string;
  /** The same for every delivery of the same thing: a second one has no effect. */
  key: string;
  group: string | null;
  model: string | null;
  version: number | null;
  /** null while it is looked at. */
  outcome: TriggerOutcome | null;
  /** Why, in words for a person. */
  reason: string | null;
  received_at: string;
  handled_at: string | null;
  /** How often it was looked at: once, and once more for each replay. */
  attempts: number;
  /** As it came in, to be looked at again. */
  payload: Record<string, unknown>;
}

/** REGISTERED made a version, KNOWN named one that is there already, PROMOTED sent one on its way, WITHDRAWN ended that; the others had no effect. */
export const triggerOutcomes = ["REGISTERED", "KNOWN", "PROMOTED", "WITHDRAWN", "IGNORED", "UNUSABLE", "CONFLICT"] as const;
export type TriggerOutcome = (typeof triggerOutcomes)[number];
/** Those that have changed something. What a second delivery, looked at beside the first, finds done already does not replace them. */
export const effects: readonly (TriggerOutcome | null)[] = ["REGISTERED", "PROMOTED", "WITHDRAWN"];

/** What a trigger says of a version, before the registry has been asked. */
export type Candidate = Pick<
  ModelVersion,
  "group" | "name" | "artifact_uri" | "runtime" | "framework" | "training_job" | "metrics" | "metadata" | "signature" | "checksum"
> & { source: VersionSource };

/** What is to be done for a trigger. */
export type Meaning =
  | { does: "register"; candidate: Candidate }
  /** Somebody wants a version in an environment, by the name that its source has for it; as a candidate it is registered first where it is not yet. */
  | {
      does: "promote";
      group: string;
      name: string;
      source: Pick<VersionSource, "name" | "id">;
      environment: PromotionStageName;
      candidate?: Candidate;
    }
  /** Its source does not stand by a version any more: what is on its way with it ends, but in production. */
  | { does: "withdraw"; group: string; name: string; source: Pick<VersionSource, "name" | "id">; reason: string }
  | { does: "nothing"; reason: string }
  /** Kept, to be replayed when what was missing is there. `group` and `model` as far as they are known. `passes`: a repetition may find it there. */
  | { does: "fail"; reason: string; group?: string; name?: string; passes?: boolean };

/** What makes two reports of one version the same version. */
export function sameContent(one: Candidate, other: ModelVersion): boolean {
  const metrics = (given: Record<string, number>) => JSON.stringify(Object.entries(given).sort());
  const tensors = (given: Tensor[] = []) => given.map(({ name, datatype, shape }) => [name, datatype, shape]);
  const signature = (given: Signature | null) => JSON.stringify([tensors(given?.inputs), tensors(given?.outputs)]);
  return (
    one.artifact_uri === other.artifact_uri &&
    one.checksum === other.checksum &&
    one.framework === other.framework &&
    metrics(one.metrics) === metrics(other.metrics) &&
    signature(one.signature) === signature(other.signature)
  );
}
