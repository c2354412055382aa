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
  checksum: string | null;
  registered_by: string;
  registered_at: string;
  verified_in: string[];
  approved_by: string[];
  running_in: string[];
}
