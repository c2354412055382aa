/** Secret env values, encrypted at rest, apart from the record. Keyed by uid, revision and component. */
export interface SecretValues {
  /** All values of one component of one revision, written before the revision's transaction. */
  put(key: SecretKey, values: Record<string, string>): Promise<void>;
  /** For a revision that keeps values of the one before: copied by name, never shown. */
  copy(from: SecretKey, to: SecretKey, names: string[]): Promise<void>;
  get(key: SecretKey): Promise<Record<string, string>>;
}
export interface SecretKey {
  uid: string;
  revision: number;
  component: import("../../domain/words.ts").Component;
}
