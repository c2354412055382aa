import type { PromotionStageName } from "./promotion-policy.ts";

/** Which other systems report versions, and what their names mean here: configuration of the installation, by its fields' names. */
export interface ReportSources {
  webhooks: Record<string, WebhookSource>;
  sagemaker: SageMakerSource;
}

/** By name, or by the beginning of one with a `*` after it; the longest that fits counts. What fits none is not for us. */
export interface SageMakerSource {
  model_package_groups: Record<string, NamedModel>;
  training_jobs: Record<string, NamedModel>;
}

export interface NamedModel {
  group: string;
  /** null: the package group's own name, or the job's without the time that SageMaker's SDK puts at its end. */
  model: string | null;
}

export type WebhookSource = GenericSource | MlflowSource;

/** CI, and whatever else says itself which model it means. */
export interface GenericSource {
  kind: "generic";
  /** It may report for these groups only; null: for every group. */
  groups: string[] | null;
}

/** The webhooks of one MLflow server. */
export interface MlflowSource {
  kind: "mlflow";
  /** Whose its models are. */
  group: string;
  /** Models here by MLflow's names; one that is not named has the same name here. */
  models: Record<string, string>;
  /** An alias that is given to a version sends it there. */
  aliases: Record<string, PromotionStageName>;
  /** A tag of a version, written `key=value`, that is set sends it there. */
  tags: Record<string, PromotionStageName>;
  /** What serves its versions; null leaves it to the promotion policy. */
  runtime: string | null;
  /** A version's tag that says where its artifact is. */
  artifact_tag: string;
  /** Beginnings of locations that no cluster can read, and what stands there in one that it can. */
  artifact_prefixes: Record<string, string>;
  /** Where the server is asked for what its webhooks do not say; null: it is not asked. */
  tracking: Tracking | null;
}

export interface Tracking {
  url: string;
  /** Name of the secret in Secrets Manager with `{"username", "password"}` or `{"token"}`; null: none is needed. */
  credentials_secret: string | null;
}
