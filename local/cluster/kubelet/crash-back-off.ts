const first = 10_000;
const longest = 300_000;

/** Pauses between restarts: none before the first, then 10 s doubling to 5 min; forgotten after 10 min of running. */
export class CrashBackOff {
  #next = 0;

  /** Milliseconds to wait after a run that lasted `ran` milliseconds. */
  after(ran: number): number {
    if (ran > 2 * longest) this.#next = 0;
    const wait = this.#next;
    this.#next = wait === 0 ? first : Math.min(wait * 2, longest);
    return wait;
  }
}
