/** One run of one function: a step, a request, or sync. It dies at once and for good. */
export class Executor {
  /** Function or request, for the trace. */
  readonly name: string;
  /** Of the operation that it works for; undefined for requests and sync. */
  readonly epoch: number | undefined;
  /** When the function is ended by its platform, in milliseconds. */
  readonly until: number;
  /** Milliseconds by which its clock is wrong. */
  readonly skew: number;
  readonly death: Promise<never>;
  isAlive = true;
  /** Its answer will be lost once it has succeeded. */
  isRunTwice = false;
  /** Starts another that is to do the same. */
  runAgain: () => void = () => {};
  /** Whose request it carries out, when it may be repeated under a key. */
  key: string | undefined;
  /** Of another group: it may see and do nothing. */
  isOutsider = false;
  private kill: (error: Died) => void = () => {};

  constructor(given: { name: string; epoch?: number | undefined; until: number; skew?: number }) {
    this.name = given.name;
    this.epoch = given.epoch;
    this.until = given.until;
    this.skew = given.skew ?? 0;
    this.death = new Promise((_resolve, reject) => {
      this.kill = reject;
    });
    this.death.catch(() => undefined);
  }

  die(why: Died["why"]): void {
    this.isAlive = false;
    this.kill(new Died(why));
  }
}

/** Seen only by who invoked the function. */
export class Died extends Error {
  /** Lambda's names for it. */
  readonly why: "Runtime.ExitError" | "Sandbox.Timedout";
  constructor(why: Died["why"]) {
    super(why);
    this.name = "Died";
    this.why = why;
  }
}

/** What a dead executor waits for. */
export const forever = (): Promise<never> => new Promise(() => {});
