import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Functions } from "./functions.ts";
import { PromotionWorkflow } from "./promotion-workflow.ts";
import { RollbackWorkflow } from "./rollback-workflow.ts";
import { RolloutWorkflow } from "./rollout-workflow.ts";
import { ShutdownWorkflow } from "./shutdown-workflow.ts";
import { SmokeTestWorkflow } from "./smoke-test-workflow.ts";
import type { ServiceFunction } from "./toolkit/service-function.ts";
import type { WorkflowFromFile } from "./toolkit/workflow-from-file.ts";
import { VerificationWorkflow } from "./verification-workflow.ts";

/** What carries operations out. Executions are named by the operation, so that starting twice is one effect. */
export class Workflows {
  readonly smokeTest: SmokeTestWorkflow;
  readonly rollout: RolloutWorkflow;
  readonly rollback: RollbackWorkflow;
  readonly shutdown: ShutdownWorkflow;
  readonly verification: VerificationWorkflow;
  readonly promotion: PromotionWorkflow;

  constructor(scope: Construct, functions: Functions, log_retention_days: RetentionDays) {
    this.smokeTest = new SmokeTestWorkflow(scope, "SmokeTestWorkflow", { functions, log_retention_days });
    this.rollout = new RolloutWorkflow(scope, "RolloutWorkflow", { functions, log_retention_days, smokeTest: this.smokeTest });
    this.rollback = new RollbackWorkflow(scope, "RollbackWorkflow", { functions, log_retention_days });
    this.shutdown = new ShutdownWorkflow(scope, "ShutdownWorkflow", { functions, log_retention_days });
    this.verification = new VerificationWorkflow(scope, "VerificationWorkflow", {
      functions,
      log_retention_days,
      smokeTest: this.smokeTest,
    });
    this.promotion = new PromotionWorkflow(scope, "PromotionWorkflow", { functions, log_retention_days, rollout: this.rollout });
  }

  get all(): WorkflowFromFile[] {
    return [this.rollout, this.smokeTest, this.rollback, this.shutdown, this.verification, this.promotion];
  }

  private get started(): WorkflowFromFile[] {
    return [this.rollout, this.rollback, this.shutdown, this.verification];
  }

  grantStart(starter: ServiceFunction): void {
    starter
      .set("ROLLOUT_STATE_MACHINE_ARN", this.rollout.stateMachineArn)
      .set("ROLLBACK_STATE_MACHINE_ARN", this.rollback.stateMachineArn)
      .set("SHUTDOWN_STATE_MACHINE_ARN", this.shutdown.stateMachineArn)
      .set("VERIFICATION_STATE_MACHINE_ARN", this.verification.stateMachineArn)
      .may(
        ["states:StartExecution"],
        this.started.map(({ stateMachineArn }) => stateMachineArn),
      );
  }

  /** Stops an execution whose operation was ended by somebody else: an abort, a deadline, a newer operation. */
  grantStop(stopper: ServiceFunction): void {
    stopper.may(
      ["states:StopExecution"],
      this.started.map(({ executionArns }) => executionArns),
    );
  }

  /** Tells whether an execution runs, and how it ended. */
  grantFollow(follower: ServiceFunction): void {
    follower.may(
      ["states:DescribeExecution"],
      this.started.map(({ executionArns }) => executionArns),
    );
  }

  /** Starts promotions, and ends those that a person or a newer version has ended. */
  grantPromote(starter: ServiceFunction): void {
    const { stateMachineArn, executionArns } = this.promotion;
    starter
      .set("PROMOTION_STATE_MACHINE_ARN", stateMachineArn)
      .may(["states:StartExecution"], [stateMachineArn])
      .may(["states:StopExecution", "states:DescribeExecution"], [executionArns]);
    Workflows.grantWake(starter);
  }

  /** A token names its task by itself: the action knows no resource. */
  static grantWake(waker: ServiceFunction): void {
    waker.may(["states:SendTaskSuccess"], ["*"]);
  }
}
