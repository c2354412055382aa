import type { Component } from "../../domain/words.ts";

/** Secret env values, encrypted at rest, apart from the record. Keyed by uid, revision and component. */
export interface SecretValues {
  /**
   * The values of one component of one revision, written before the revision's transaction. Names in `kept` have the
   * value that they had in an earlier revision: they are pointed at, so that who writes need not be able to read.
   * `RecordConflict("busy")` while another request writes the same revision.
   */
  put(key: SecretKey, values: Record<string, string>, kept?: KeptValues): Promise<void>;
  /** For a revision whose transaction was refused. */
  discard(key: SecretKey): Promise<void>;
  /** Values by name, kept ones included. */
  get(key: SecretKey): Promise<Record<string, string>>;
}
export interface SecretKey {
  uid: string;
  revision: number;
  component: Component;
}
export interface KeptValues {
  revision: number;
  names: string[];
}
