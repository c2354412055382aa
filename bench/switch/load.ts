import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Counted, LoadPlan } from "./load-client.ts";

/** A load that runs beside what is done meanwhile. */
export class Load {
  readonly #worker: Worker;

  constructor(plan: LoadPlan, part: string) {
    this.#worker = new Worker(new URL("./load-worker.ts", import.meta.url), { workerData: { plan, part } });
  }

  /** What is due from now on is counted under this name. */
  begin(part: string): void {
    this.#worker.postMessage({ begin: part });
  }

  async stop(): Promise<Record<string, Counted>> {
    this.#worker.postMessage("stop");
    const [counted] = await once(this.#worker, "message");
    return counted as Record<string, Counted>;
  }
}
