import { awsClient } from "../../lambdas/runtime/aws-client.ts";
import type { AwsCall } from "../../lambdas/runtime/aws-json.ts";
import type { AwsCredentials, AwsService } from "../../lambdas/runtime/aws-surroundings.ts";

/** A service that answers every call by this function, and keeps what it was asked. */
export function answering(answer: (action: string, input: unknown) => unknown) {
  const asked: { action: string; input: object }[] = [];
  // What is answered is the test's own affair.
  const call = (async (action, input) => {
    asked.push({ action, input });
    return answer(action, input);
  }) as AwsCall;
  return { call, asked };
}

/** Client of a service at this address, as somebody; without a pause between attempts. */
export function clientAt(endpointUrl: string, service: AwsService, by: AwsCredentials) {
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  return awsClient(service, { region: "us-east-1", credentials: async () => by, clock, endpointUrl }, 5_000);
}
