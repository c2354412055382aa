/** Time and identifiers, passed in so that rules and operations stay repeatable. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
/** A new ULID. */
export type NewId = () => string;

/** For who runs the installation: what went wrong and was lived with. Never a body, token or secret. */
export interface Log {
  warn(message: string, extra?: Error): void;
}
