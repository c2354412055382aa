import type { Tracking } from "../../domain/report-sources.ts";

/** Secrets that the sender of a webhook may sign with; the former one stays good while it changes over. */
export interface WebhookSecrets {
  /** As known, the present one at least; `anew` looks again for all, where that has not been done a moment ago. */
  of(source: string, anew?: boolean): Promise<string[]>;
}

/** A version as the registry that reported it has it now. */
export interface TrackedVersion {
  /** Where its artifact lies, as the registry says it. */
  location: string | null;
  tags: Record<string, string>;
}

/** What MLflow's server says itself. Errors: CannotBeAsked. */
export interface ModelTracking {
  /** undefined when there is no such version. */
  version(server: Tracking, name: string, version: string): Promise<TrackedVersion | undefined>;
  /** Version that has the alias now; undefined when none has. */
  alias(server: Tracking, name: string, alias: string): Promise<string | undefined>;
}

/** What SageMaker says of its jobs and packages. undefined when it says nothing of a place, or knows no such package. Errors: CannotBeAsked. */
export interface SageMakerLookups {
  trainingArtifact(jobName: string): Promise<string | undefined>;
  modelPackage(packageArn: string): Promise<{ artifact: string | undefined; approval: string | undefined } | undefined>;
}

/** The other system did not answer what was asked of it. */
export class CannotBeAsked extends Error {
  /** It may answer in a moment; else somebody has to change something first. */
  readonly passes: boolean;
  constructor(message: string, passes: boolean) {
    super(message);
    this.name = "CannotBeAsked";
    this.passes = passes;
  }
}
