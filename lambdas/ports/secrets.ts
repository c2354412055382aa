import type { Component } from "../../domain/words.ts";

/**
 * Secret env values, encrypted at rest, apart from the record. They are stored in the transaction that stores their
 * revision (`Change.secrets`), so that neither is ever without the other.
 */
export interface SecretValues {
  /** Values by name, kept ones included. */
  get(key: SecretKey): Promise<Record<string, string>>;
  /** For good: the deployment is deleted. Nothing there is no error. */
  forget(key: SecretKey): Promise<void>;
}

export interface SecretKey {
  uid: string;
  revision: number;
  component: Component;
}

/** What one component of a new revision is to have. */
export interface ComponentSecrets {
  component: Component;
  /** Given with the request. */
  values: Record<string, string>;
  /**
   * Names that keep the value of an earlier revision; null when none does. They are pointed at, so that who stores need
   * not be able to read.
   */
  kept: KeptValues | null;
}

export interface KeptValues {
  revision: number;
  names: string[];
}
