import type { Signature } from "./signature.ts";
import type { Specification } from "./specification.ts";
import type { Component } from "./words.ts";

export interface ResolvedWorkload {
  image: string;
  /** Where the storage-initializer copies from; null for a self-contained image. */
  artifact_uri: string | null;
  /** Name under which the model server answers (`/v2/models/{name}/infer`). */
  model_name: string;
  /** What the version was registered to take and give; absent where that is not known. */
  signature?: Signature;
}

/** REVISION item. */
export interface Revision {
  revision: number;
  specification: Specification;
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
