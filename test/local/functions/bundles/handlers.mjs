import { setTimeout as wait } from "node:timers/promises";

let calls = 0;

/** Does what the event asks for. */
export async function handler(event, context) {
  calls += 1;
  if (event.wait_ms) await wait(event.wait_ms);
  if (event.forever) for (;;);
  if (event.throw) throw Object.assign(new Error(event.message ?? "refused"), { name: event.throw });
  if (event.throw_text) throw event.throw_text;
  if (event.exit) process.exit(event.exit);
  if (event.reject) {
    void Promise.reject(new Error("nobody listens"));
    await wait(1000);
  }
  if (event.grow) {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(calls));
  }
  if (event.print) console.log(event.print);
  if (event.mark) process.env.MARK = event.mark;
  return {
    calls,
    environment: {
      SETTING: process.env.SETTING,
      MARK: process.env.MARK,
      AWS_LAMBDA_FUNCTION_NAME: process.env.AWS_LAMBDA_FUNCTION_NAME,
      HOME: process.env.HOME,
    },
    remaining: context.getRemainingTimeInMillis(),
    arn: context.invokedFunctionArn,
    request_id: context.awsRequestId,
    stream: context.logStreamName,
    nothing: undefined,
  };
}

export const large = async () => "x".repeat(7_000_000);
