import { AwsError, isPassing, isSkew, isThrottling, NoAnswer, readError } from "./aws-error.ts";
import { type Answer, exchange } from "./aws-exchange.ts";
import { signHeaders } from "./aws-signature.ts";
import { type AwsService, type AwsSurroundings, awsServices, serviceUrl } from "./aws-surroundings.ts";

export interface AwsRequest {
  method: "GET" | "POST" | "PUT";
  /** Encoded, below the service's address. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Errors: AwsError, what the service refused; NoAnswer, when none came at the last attempt. */
export type AwsClient = (request: AwsRequest) => Promise<Answer>;

const attempts = 4;
/** Full jitter: at most these, doubling. Who is throttled is wanted to wait. */
const passingMilliseconds = 50;
const throttledMilliseconds = 250;
/** A service takes what was signed within five minutes of its own clock. */
const skewMilliseconds = 4 * 60_000;

/**
 * The few calls to AWS that we make, signed, and tried again when that may help. The SDK would do the same; importing it
 * and sending its first request takes longer than everything else that a function does.
 */
export function awsClient(service: AwsService, surroundings: AwsSurroundings, timeoutMilliseconds: number): AwsClient {
  const { region, credentials, clock } = surroundings;
  const base = serviceUrl(service, surroundings);
  /** How far the service's clock is ahead of ours, once it has said so. */
  let ahead = 0;

  async function attempt({ method, path, headers = {}, body = "" }: AwsRequest): Promise<Answer | AwsError | NoAnswer> {
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    const signer = await credentials();
    const signed = signHeaders(
      { service: awsServices[service], region, url, method, headers, body },
      signer,
      new Date(clock.now() + ahead),
    );
    try {
      const answer = await exchange({ url, method, headers: signed, body, timeoutMilliseconds });
      return answer.status < 300 ? answer : readError(answer);
    } catch (error) {
      if (error instanceof NoAnswer) return error;
      throw error;
    }
  }

  return async (request) => {
    let isUnsure = false;
    for (let tried = 1; ; tried++) {
      const outcome = await attempt(request);
      if (!(outcome instanceof Error)) return outcome;
      isUnsure ||= outcome instanceof NoAnswer || outcome.status >= 500;
      const skew = skewOf(outcome, clock.now() + ahead);
      if (tried === attempts || !(skew || mayPass(outcome))) {
        outcome.failed = { asked: request.headers?.["x-amz-target"] ?? service, isUnsure };
        throw outcome;
      }
      ahead += skew;
      await clock.sleep(skew ? 0 : pauseAfter(tried, outcome));
    }
  };
}

const mayPass = (outcome: AwsError | NoAnswer): boolean => outcome instanceof NoAnswer || isPassing(outcome);

/** Of a refused signature that was made by a wrong clock: how far that clock is behind. */
function skewOf(outcome: AwsError | NoAnswer, now: number): number {
  if (outcome instanceof NoAnswer || !isSkew(outcome)) return 0;
  const skew = outcome.at - now;
  return Math.abs(skew) > skewMilliseconds ? skew : 0;
}

/** A connection that was closed while it was idle says nothing of the service: the next one is tried at once. */
function pauseAfter(tried: number, outcome: AwsError | NoAnswer): number {
  if (outcome instanceof NoAnswer && outcome.wasIdle && tried === 1) return 0;
  const most = outcome instanceof AwsError && isThrottling(outcome) ? throttledMilliseconds : passingMilliseconds;
  return Math.random() * most * 2 ** tried;
}
