import { Duration } from "aws-cdk-lib";
import { Policy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Construct } from "constructs";
import type { FreshnessMode } from "../domain/freshness.ts";
import { DeadLetterQueue } from "./toolkit/dead-letter-queue.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";

/**
 * Runs of Watch, one for each cluster that somebody needs to be fresh. A run starts its successor; the first one is
 * started by whoever looks, or by Sync within a minute, and so is one in place of a run that was lost.
 */
export class ClusterWatches extends Construct {
  readonly undelivered: DeadLetterQueue;
  private readonly watch: ServiceFunction;
  private readonly freshness: FreshnessMode;

  constructor(scope: Construct, id: string, watch: ServiceFunction, freshness: FreshnessMode) {
    super(scope, id);
    this.watch = watch;
    this.freshness = freshness;
    this.undelivered = new DeadLetterQueue(this, "Undelivered");
    watch.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      onFailure: new SqsDestination(this.undelivered),
    });
    watch.set("FRESHNESS", freshness);
    // It starts itself, on purpose: without this Lambda would take the sixteenth run for a mistake and stop it.
    (watch.node.defaultChild as CfnFunction).recursiveLoop = "Allow";
    // Beside the role's own policy, which the function waits for while it is made: it cannot name the function.
    const itself = new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [watch.functionArn] });
    new Policy(this, "Succession", { statements: [itself], roles: watch.role ? [watch.role] : [] });
  }

  grantStart(starter: ServiceFunction): void {
    starter
      .set("WATCH_FUNCTION_NAME", this.watch.functionName)
      .set("FRESHNESS", this.freshness)
      .may(["lambda:InvokeFunction"], [this.watch.functionArn]);
  }
}
