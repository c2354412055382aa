import { Duration } from "aws-cdk-lib";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Construct } from "constructs";
import { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/** Runs a function each minute, one at a time. A run that fails is not repeated: the next one is at most a minute away. */
export class MinuteSchedule extends Construct {
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string, target: ServiceFunction) {
    super(scope, id);
    this.undelivered = new DeadLetterQueue(this, "Undelivered");
    target.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      onFailure: new SqsDestination(this.undelivered),
    });
    new Rule(this, "EachMinute", {
      description: `Runs ${target.functionId}`,
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(target, {
          event: RuleTargetInput.fromObject({}),
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
          deadLetterQueue: this.undelivered,
        }),
      ],
    });
  }
}
