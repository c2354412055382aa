import { AwsError } from "../aws/error.ts";
import type { InvocationResult } from "../aws/service.ts";
import type { Roles } from "../iam/roles.ts";
import { requireGrants } from "../iam/service-roles.ts";
import type { Deliveries, Delivery } from "../storage/deliveries.ts";
import type { Application } from "../template/application.ts";
import type { Functions } from "./start.ts";

interface InvokeConfig {
  attempts: number;
  age_seconds: number;
  /** ARN of a queue. */
  on_failure: string | null;
}
interface Accepted {
  function_name: string;
  payload: unknown;
}

interface AsyncOptions {
  functions: Functions;
  roles: Roles;
  deliveries: Deliveries;
  sendToQueue(queueArn: string, body: object): void;
}

/** Lambda's own waits before the second and the third try of an event that the function failed on. */
const retryMilliseconds = [60_000, 120_000];

/** Events that nobody waits for: accepted at once, tried again as `AWS::Lambda::EventInvokeConfig` says, then set aside. */
export class AsyncInvocations {
  private readonly configurations = new Map<string, InvokeConfig>();
  private readonly deliveries: Deliveries;
  private readonly functions: Functions;
  private readonly sendToQueue: (queueArn: string, body: object) => void;

  /** Errors: a destination to which the function's role may not send. */
  constructor(application: Application, { functions, roles, deliveries, sendToQueue }: AsyncOptions) {
    this.functions = functions;
    this.deliveries = deliveries;
    this.sendToQueue = sendToQueue;
    for (const { properties } of application.ofType("AWS::Lambda::EventInvokeConfig")) {
      const destination = properties.DestinationConfig as { OnFailure?: { Destination: string } } | undefined;
      const name = String(properties.FunctionName);
      const on_failure = destination?.OnFailure?.Destination ?? null;
      const role = functions.configurations.find((configuration) => configuration.name === name)?.role_arn;
      if (on_failure !== null) requireGrants(roles, role ?? "", ["sqs:SendMessage"], on_failure, `What ${name} fails on`);
      this.configurations.set(name, {
        attempts: Number(properties.MaximumRetryAttempts ?? 2) + 1,
        age_seconds: Number(properties.MaximumEventAgeInSeconds ?? 21_600),
        on_failure,
      });
    }
    deliveries.carry("invocation", (delivery) => this.invoke(delivery));
  }

  accept(nameOrArn: string, payload: unknown): void {
    this.deliveries.accept("invocation", { function_name: nameOrArn.split(":").at(-1) ?? nameOrArn, payload } satisfies Accepted);
  }

  private async invoke(delivery: Delivery): Promise<number | null> {
    const { function_name, payload } = delivery.payload as Accepted;
    const configuration = this.configurations.get(function_name) ?? { attempts: 3, age_seconds: 21_600, on_failure: null };
    const tooOld = Date.now() - delivery.accepted_at > configuration.age_seconds * 1000;
    if (tooOld) return this.giveUp(delivery, configuration, "EventAgeExceeded", null);
    try {
      const result = await this.functions.invoke(function_name, payload);
      if (result.function_error === null) return null;
      if (delivery.attempts + 1 >= configuration.attempts) return this.giveUp(delivery, configuration, "RetriesExhausted", result);
      return retryMilliseconds[delivery.attempts] ?? 120_000;
    } catch (error) {
      // Throttled: the event keeps its tries and waits its turn.
      if (error instanceof AwsError && error.status === 429) return 1000;
      return this.giveUp(delivery, configuration, error instanceof Error ? error.message : String(error), null);
    }
  }

  private giveUp(delivery: Delivery, { on_failure }: InvokeConfig, condition: string, result: InvocationResult | null): null {
    if (this.deliveries.stopped) return null;
    const { function_name, payload } = delivery.payload as Accepted;
    const record = {
      version: "1.0",
      timestamp: new Date().toISOString(),
      requestContext: { functionArn: function_name, condition, approximateInvokeCount: delivery.attempts + 1 },
      requestPayload: payload,
      responsePayload: result?.payload ?? null,
    };
    if (on_failure === null) console.error(`An event for ${function_name} was given up (${condition}): ${JSON.stringify(record)}`);
    else this.sendToQueue(on_failure, record);
    return null;
  }
}
