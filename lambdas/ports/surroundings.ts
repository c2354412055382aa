/** Time and identifiers, passed in so that rules and operations stay repeatable. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
/** A new ULID. */
export type NewId = () => string;
