import type { ModelVersion } from "../../domain/model.ts";
import { at } from "./deployments.ts";

/** A version of a model as it is registered, with nothing known of it but where it lies. */
export function versionOf(group: string, name: string): Omit<ModelVersion, "version"> {
  return {
    ...{ group, name, artifact_uri: "s3://models/x" },
    ...{ runtime: null, framework: null, training_job: null, checksum: null, source: null },
    ...{ metrics: {}, metadata: {} },
    ...{ signature: null, observed_signature: null, failure: null, withdrawn: null },
    ...{ registered_by: "ada", registered_at: at },
    ...{ verified_in: [], approved_by: [], running_in: [], promotions: [] },
  };
}
