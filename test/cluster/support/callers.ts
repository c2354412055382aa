/** Asks one question after another until the end, and keeps the answers in order: one of each run of equal ones. */
export class Callers<T> {
  private readonly answers: T[] = [];
  private readonly running: Promise<void>;
  private goesOn = true;

  constructor(ask: () => Promise<T>) {
    this.running = this.keepAsking(ask);
  }

  /** Once the last question is answered. A question that fails without an answer fails here. */
  async end(): Promise<T[]> {
    this.goesOn = false;
    await this.running;
    return this.answers;
  }

  private async keepAsking(ask: () => Promise<T>): Promise<void> {
    while (this.goesOn) {
      const answer = await ask();
      if (answer !== this.answers.at(-1)) this.answers.push(answer);
    }
  }
}
