/**
 * Keys that need a look, each taken once however often it was added. A reconcile that throws is tried again with a
 * growing pause. Nothing runs while the queue is empty.
 */
export class WorkQueue {
  readonly #reconcile: (key: string) => void;
  readonly #name: string;
  readonly #waiting = new Set<string>();
  readonly #later = new Map<string, { timer: NodeJS.Timeout; due: number }>();
  readonly #failures = new Map<string, number>();
  #scheduled: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(name: string, reconcile: (key: string) => void) {
    this.#name = name;
    this.#reconcile = reconcile;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#scheduled ??= setImmediate(() => this.#work());
  }

  /** The earliest of several times wins. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped) return;
    const due = Date.now() + milliseconds;
    const planned = this.#later.get(key);
    if (planned && planned.due <= due) return;
    clearTimeout(planned?.timer);
    const timer = setTimeout(
      () => {
        this.#later.delete(key);
        this.add(key);
      },
      Math.min(milliseconds, 2 ** 31 - 1),
    );
    this.#later.set(key, { timer, due });
  }

  /** After 10 ms, then twice as long each time, up to `longest`; `forget` starts over. */
  retry(key: string, longest = 60_000): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, Math.min(5 * 2 ** failures, longest));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#scheduled) clearImmediate(this.#scheduled);
    for (const { timer } of this.#later.values()) clearTimeout(timer);
    this.#later.clear();
  }

  #work(): void {
    this.#scheduled = undefined;
    const keys = [...this.#waiting];
    this.#waiting.clear();
    for (const key of keys) {
      if (this.#stopped) return;
      try {
        this.#reconcile(key);
      } catch (error) {
        console.error(`local cluster, ${this.#name} of ${key}:`, error);
        this.retry(key);
      }
    }
  }
}

export function splitKey(key: string): [namespace: string, name: string] {
  const at = key.indexOf("/");
  return [key.slice(0, at), key.slice(at + 1)];
}
