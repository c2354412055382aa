import { BadRequest } from "../open-inference/bad-request.ts";

/** What `GET /metrics` tells: how many inferences there were, how they went, how long they took, and how many there are now. */
export class InferenceCounts {
  private readonly outcomes = { succeeded: 0, refused: 0, failed: 0 };
  private seconds = 0;
  private waiting = 0;

  /** Counts one inference from its request to its answer. */
  async count<Result>(infer: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    this.waiting += 1;
    try {
      const result = await infer();
      this.outcomes.succeeded += 1;
      this.seconds += (performance.now() - began) / 1000;
      return result;
    } catch (error) {
      this.outcomes[error instanceof BadRequest ? "refused" : "failed"] += 1;
      throw error;
    } finally {
      this.waiting -= 1;
    }
  }

  /** Prometheus' text format, version 0.0.4. */
  text(): string {
    const outcomes = Object.entries(this.outcomes).map(([outcome, count]) => `inference_requests_total{outcome="${outcome}"} ${count}`);
    return [
      "# HELP inference_requests_total Inferences that were answered: refused ones were the caller's fault.",
      "# TYPE inference_requests_total counter",
      ...outcomes,
      "# HELP inference_seconds How long those that succeeded took, the wait for earlier ones included.",
      "# TYPE inference_seconds summary",
      `inference_seconds_sum ${this.seconds}`,
      `inference_seconds_count ${this.outcomes.succeeded}`,
      "# HELP inference_waiting Inferences that are not answered yet.",
      "# TYPE inference_waiting gauge",
      `inference_waiting ${this.waiting}`,
      "",
    ].join("\n");
  }
}
