import { Agent, type IncomingMessage, request } from "node:http";

export interface LoadPlan {
  url: string;
  /** Requests a second, whatever becomes of those before: the load is open. */
  rate: number;
  headers?: Record<string, string>;
  /** JSON to POST; a GET where there is none. */
  body?: string;
  /** Header of an answer by which it is known to come from a model, and from which. */
  model?: string;
  /** When a request has failed for want of an answer. */
  timeoutMs?: number;
}

/** What became of the requests that were due in one part of a run. */
export interface Counted {
  requests: number;
  /** By what went wrong: a code of the connection, a status, a body that broke off, no answer in time. */
  failures: Record<string, number>;
  /** Answers of the model itself that say it failed: they were not lost. */
  modelErrors: number;
  /** The gateway said that nothing serves the deployment: so it is told while it is stopped. */
  refusals: number;
  /** Milliseconds from when the request was due, answered ones only. */
  latencies: number[];
  /** Milliseconds by which a request was sent later than it was due, at most: the client's own fault. */
  latest: number;
  /** Which revisions answered. */
  greetings: Record<string, number>;
}

type Fate = "answered" | "model error" | "refused" | { failure: string };

const tickMs = 5;
const usualTimeoutMs = 10_000;
/** Where it is shown that nothing is lost, and not how soon: a machine that has stood still for a while answers all the same. */
export const patientMs = 60_000;

/**
 * Sends at a steady rate by the clock, every other request on a connection of its own and the others on connections
 * that are kept. Each request is counted once, in the part of the run in which it was due; nothing is sent again.
 */
export class LoadClient {
  readonly #plan: Required<Omit<LoadPlan, "body">> & Pick<LoadPlan, "body">;
  readonly #kept = new Agent({ keepAlive: true });
  /** Each connection for one request. */
  readonly #fresh = new Agent({ keepAlive: false });
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Promise<void>>();
  readonly #parts = new Map<string, Counted>();
  #part = "";
  #sent = 0;

  constructor(plan: LoadPlan, part: string) {
    this.#plan = { timeoutMs: usualTimeoutMs, headers: {}, model: "x-model", ...plan };
    this.begin(part);
    this.#timer = setInterval(() => this.#sendDue(), tickMs);
  }

  /** What is due from now on is counted under this name. */
  begin(part: string): void {
    this.#part = part;
    if (!this.#parts.has(part)) this.#parts.set(part, nothing());
  }

  /** Stops sending, and waits for every answer. */
  async stop(): Promise<Record<string, Counted>> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    this.#kept.destroy();
    this.#fresh.destroy();
    return Object.fromEntries(this.#parts);
  }

  /** So far; what is under way is not in it. */
  counted(part: string): Counted {
    return this.#parts.get(part) ?? nothing();
  }

  #sendDue(): void {
    const perMs = this.#plan.rate / 1000;
    for (const now = performance.now() - this.#began; this.#sent < now * perMs; this.#sent++) {
      const counted = this.counted(this.#part);
      counted.latest = Math.max(counted.latest, now - this.#sent / perMs);
      const sending = this.#sendOne(this.#began + this.#sent / perMs, this.#sent % 2 === 0, counted);
      this.#underWay.add(sending);
      void sending.then(() => this.#underWay.delete(sending));
    }
  }

  async #sendOne(due: number, keepsConnection: boolean, counted: Counted): Promise<void> {
    counted.requests += 1;
    const fate = await this.#ask(keepsConnection, counted);
    if (fate === "answered") counted.latencies.push(performance.now() - due);
    else if (fate === "model error") counted.modelErrors += 1;
    else if (fate === "refused") counted.refusals += 1;
    else counted.failures[fate.failure] = (counted.failures[fate.failure] ?? 0) + 1;
  }

  #ask(keepsConnection: boolean, { greetings }: Counted): Promise<Fate> {
    const { url, timeoutMs, headers, body: given, model } = this.#plan;
    const agent = keepsConnection ? this.#kept : this.#fresh;
    const options =
      given === undefined ? { agent, headers } : { agent, method: "POST", headers: { "content-type": "application/json", ...headers } };
    return new Promise((resolve) => {
      const sent = request(url, options, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (text) => (body += text));
        answer.on("error", (error: NodeJS.ErrnoException) => settle({ failure: `answer broke off: ${error.code ?? error.message}` }));
        answer.on("end", () => settle(fateOf(answer, body, answer.headers[model], greetings)));
      });
      const timer = setTimeout(() => settle({ failure: "no answer in time" }), timeoutMs);
      const settle = (fate: Fate) => {
        clearTimeout(timer);
        resolve(fate);
        if (typeof fate === "object") sent.destroy();
      };
      sent.on("error", (error: NodeJS.ErrnoException) => settle({ failure: error.code ?? error.message })).end(given);
    });
  }
}

function fateOf(answer: IncomingMessage, body: string, model: string | string[] | undefined, greetings: Counted["greetings"]): Fate {
  const { statusCode, headers } = answer;
  if (!answer.complete) return { failure: "answer broke off" };
  if (statusCode === 200 && typeof model === "string") {
    greetings[model] = (greetings[model] ?? 0) + 1;
    return "answered";
  }
  if (model !== undefined) return "model error";
  if (String(headers["x-slipway-route"]).endsWith("-none")) return "refused";
  return { failure: `status ${statusCode}: ${body.slice(0, 60)}` };
}

const nothing = (): Counted => ({ requests: 0, failures: {}, modelErrors: 0, refusals: 0, latencies: [], latest: 0, greetings: {} });

export const failed = ({ failures }: Counted): number => Object.values(failures).reduce((sum, count) => sum + count, 0);

/** Nearest rank; `percent` of the values are not above it. */
export function percentile(values: number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
