import { Interrupted } from "./errors.ts";

/** The first contender to settle decides; the others' signal is aborted. Rejects at once when the outer signal is aborted. */
export async function firstOf<T>(signal: AbortSignal, ...contenders: ((signal: AbortSignal) => Promise<T>)[]): Promise<T> {
  signal.throwIfAborted();
  const losers = new AbortController();
  const shared = AbortSignal.any([signal, losers.signal]);
  const givenUp = new Promise<never>((_, reject) => {
    shared.addEventListener("abort", () => reject(shared.reason), { once: true });
  });
  try {
    return await Promise.race([...contenders.map((contender) => contender(shared)), givenUp]);
  } finally {
    losers.abort(new Interrupted("ended"));
  }
}
